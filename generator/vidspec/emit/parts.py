"""The files of each part: what a dialect emits, and what all dialects share."""

import json
from collections.abc import Iterable, Mapping
from typing import Literal

from vidspec.contract.model import Dialect, Gateway
from vidspec.emit.build import build_view
from vidspec.emit.client import client_files, client_root_files, gateway_text
from vidspec.emit.gateways import gateway_path
from vidspec.emit.models import CLIENT, SERVER
from vidspec.emit.polish import marked, polish
from vidspec.emit.server import server_files, server_root_files
from vidspec.resources import runtime_root


def dialect_files(dialect: Dialect, gateways: Iterable[Gateway] = ()) -> dict[str, str]:
    """Return the unformatted files of one dialect and of the gateways that speak it."""
    client, server = build_view(dialect, CLIENT), build_view(dialect, SERVER)
    files = {f"vidspec_client/{client.module}/{n}": t for n, t in client_files(client).items()}
    files |= {f"vidspec_server/{server.module}/{n}": t for n, t in server_files(server).items()}
    files = {path: marked(server.origin, text) for path, text in files.items()}
    files |= {
        gateway_path(g.name): marked(f"spec/gateways/{g.name}.yaml", gateway_text(g, dialect))
        for g in gateways
    }
    document = json.dumps(dialect.document, indent=1, ensure_ascii=False)
    return files | {f"vidspec_server/{server.module}/openapi.json": f"{document}\n"}


def shared_files(names: list[str], gateways: list[str]) -> dict[str, str]:
    """Return the unformatted files that belong to no dialect; ``names`` and ``gateways`` are those emitted."""
    files = {f"vidspec_client/{n}": t for n, t in client_root_files(names, gateways).items()}
    files |= {f"vidspec_server/{n}": t for n, t in server_root_files(names).items()}
    files = {path: marked("spec/dialects", text) for path, text in files.items()}
    files |= {f"{package}/py.typed": "" for package in ("vidspec_client", "vidspec_server")}
    return files | _runtime("client") | _runtime("server")


def write_parts(parts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, bytes]]:
    """Format the files of all parts in one go and return them as they are to be written."""
    code = {p: t for files in parts.values() for p, t in files.items() if p.endswith(".py")}
    done = polish(code)
    return {
        name: {path: done[path] if path in done else text.encode() for path, text in files.items()}
        for name, files in parts.items()
    }


def _runtime(kind: Literal["client", "server"]) -> dict[str, str]:
    """Return the runtime as it is copied: real code, nothing filled in."""
    return {
        f"vidspec_{kind}/_runtime/{path.name}": marked(
            f"generator/vidspec/runtime/{kind}/{path.name}", path.read_text(encoding="utf-8")
        )
        for path in sorted(runtime_root(kind).glob("*.py"))
    }
