"""The files of each part: what a dialect emits, and what all dialects share."""

import json
from collections.abc import Iterable, Mapping
from typing import Literal

from vidspec.contract.model import Dialect, Gateway
from vidspec.emit.build import build_view
from vidspec.emit.client import client_files, client_root_files, gateway_text
from vidspec.emit.gateways import gateway_path
from vidspec.emit.memory import ModelMemory
from vidspec.emit.models import CLIENT, SERVER
from vidspec.emit.polish import marked, polish
from vidspec.emit.rendering import Templates
from vidspec.emit.server import server_files, server_root_files
from vidspec.emit.settings import Settings
from vidspec.resources import runtime_root


def dialect_files(
    dialect: Dialect, gateways: Iterable[Gateway], settings: Settings, memory: ModelMemory
) -> dict[str, str]:
    """Return the unformatted files of one dialect and of the gateways that speak it."""
    templates = Templates(settings.template_folders)
    files: dict[str, str] = {}
    if settings.client is not None:
        view = build_view(dialect, CLIENT, memory)
        texts = client_files(view, templates)
        files |= {
            f"{settings.client}/{view.module}/{name}": marked(view.origin, text)
            for name, text in texts.items()
        }
        files |= {
            f"{settings.client}/{gateway_path(g.name)}": marked(
                f"spec/gateways/{g.name}.yaml", gateway_text(g, dialect, templates)
            )
            for g in gateways
        }
    if settings.server is not None:
        view = build_view(dialect, SERVER, memory)
        home = f"{settings.server}/{view.module}"
        texts = server_files(view, templates)
        files |= {f"{home}/{name}": marked(view.origin, text) for name, text in texts.items()}
        document = json.dumps(dialect.document, indent=1, ensure_ascii=False)
        files[f"{home}/openapi.json"] = f"{document}\n"
    return files


def shared_files(names: list[str], gateways: list[str], settings: Settings) -> dict[str, str]:
    """Return the unformatted files that belong to no dialect; ``names`` and ``gateways`` are those emitted."""
    templates = Templates(settings.template_folders)
    files: dict[str, str] = {}
    if settings.client is not None:
        texts = client_root_files(names, gateways, templates)
        files |= _root(settings.client, "client", texts)
    if settings.server is not None:
        files |= _root(settings.server, "server", server_root_files(names, templates))
    return files


def write_parts(parts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, bytes]]:
    """Format the files of all parts in one go and return them as they are to be written."""
    code = {p: t for files in parts.values() for p, t in files.items() if p.endswith(".py")}
    done = polish(code)
    return {
        name: {path: done[path] if path in done else text.encode() for path, text in files.items()}
        for name, files in parts.items()
    }


def _root(
    package: str, kind: Literal["client", "server"], texts: Mapping[str, str]
) -> dict[str, str]:
    """Return what a package has beside its dialects; the runtime as it is: real code, nothing filled in."""
    files = {f"{package}/{name}": marked("spec/dialects", text) for name, text in texts.items()}
    files |= {
        f"{package}/_runtime/{path.name}": marked(
            f"generator/vidspec/runtime/{kind}/{path.name}", path.read_text(encoding="utf-8")
        )
        for path in sorted(runtime_root(kind).glob("*.py"))
    }
    return files | {f"{package}/py.typed": ""}
