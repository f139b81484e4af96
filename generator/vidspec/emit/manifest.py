"""What the emitted files were made of, so that only what changed is made again.

A *part* is a set of files made of one set of inputs: each dialect is one, what all dialects share is another.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from vidspec.emit.settings import Settings
from vidspec.resources import runtime_root

if TYPE_CHECKING:
    # Nothing of it is needed when nothing has changed.
    from vidspec.contract.model import Dialect, Gateway

MANIFEST = "manifest.json"
#: The part that belongs to no dialect (no dialect can have that name).
SHARED = "*"
_WRITERS = ("datamodel-code-generator", "jinja2", "pydantic", "ruff")


@dataclass(frozen=True, slots=True)
class Part:
    """Files by path, and the digest of everything they were made of."""

    key: str
    files: Mapping[str, bytes]


def dialect_key(dialect: "Dialect", gateways: "Iterable[Gateway]", settings: Settings) -> str:
    """Return the digest of all that the files of a dialect and of the gateways that speak it are made of."""
    spoken = [part for gateway in gateways for part in _gateway(gateway)]
    return _digest([dialect.name, dialect.digest, *spoken, emitter_digest(settings)])


def shared_key(names: Iterable[str], gateways: Iterable[str], settings: Settings) -> str:
    """Return the digest of all that the shared files are made of: the names of what is emitted, and the runtimes."""
    kinds = [folder_digest(runtime_root("client")), folder_digest(runtime_root("server"))]
    return _digest([*sorted(names), "/", *sorted(gateways), *kinds, emitter_digest(settings)])


def _gateway(gateway: "Gateway") -> tuple[str, ...]:
    said = (gateway.name, gateway.title, gateway.summary, gateway.base_url)
    environment = json.dumps(dict(gateway.environment), sort_keys=True)
    return (*said, environment, gateway.published.digest, gateway.observed.digest)


def emitter_digest(settings: Settings) -> str:
    """Return the digest of the emitter: its code and templates, the versions of those that write for it, the settings."""
    chosen = [settings.client or "", settings.server or ""]
    if settings.templates is not None:
        chosen.append(folder_digest(settings.templates))
    return _digest([_code_digest(), *chosen])


@lru_cache
def _code_digest() -> str:
    package = Path(__file__).resolve().parent
    folders = [folder_digest(package), folder_digest(package.parent / "contract")]
    return _digest([*folders, *(f"{name} {version(name)}" for name in _WRITERS)])


def write_manifest(parts: Mapping[str, Part]) -> bytes:
    """Return the manifest of ``parts`` (dialect name or ``SHARED`` → part)."""
    value = {
        name: {
            "key": part.key,
            "files": {path: sha(content) for path, content in sorted(part.files.items())},
        }
        for name, part in sorted(parts.items())
    }
    return (json.dumps(value, indent=1) + "\n").encode()


def read_manifest(tree: Mapping[str, bytes], *, damaged: bool = False) -> dict[str, Part]:
    """Return the parts of ``tree`` that are as their manifest says.

    A part with a file that is missing or edited is left out; or, if ``damaged`` are wanted, has an empty key, so that
    it never passes for one that is up to date.
    """
    found: dict[str, Part] = {}
    for name, (key, digests) in _load(tree.get(MANIFEST, b"")).items():
        files = {path: tree[path] for path in digests if path in tree}
        sound = all(
            path in files and sha(files[path]) == wanted for path, wanted in digests.items()
        )
        if sound or damaged:
            found[name] = Part(key if sound else "", files)
    return found


def merged(parts: Mapping[str, Part]) -> dict[str, bytes]:
    """Return the files of all parts, in the order of their paths."""
    return dict(sorted(item for part in parts.values() for item in part.files.items()))


def listed_files(manifest: bytes) -> list[str]:
    """Return the paths that a manifest speaks of."""
    return [path for _, digests in _load(manifest).values() for path in digests]


def _load(manifest: bytes) -> dict[str, tuple[str, dict[str, str]]]:
    """Read a manifest: part → key, and digest by path. One that is damaged or of another shape counts as none."""
    try:
        return {
            str(name): (str(said["key"]), dict(said["files"]))
            for name, said in json.loads(manifest).items()
        }
    except (ValueError, AttributeError, KeyError, TypeError):
        return {}


def folder_digest(folder: Path) -> str:
    """Return the digest of the names and contents of all files below ``folder``."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return _digest(
        part for p in paths for part in (p.relative_to(folder).as_posix(), sha(p.read_bytes()))
    )


def _digest(parts: Iterable[str]) -> str:
    return sha("\0".join(parts).encode())


def sha(content: bytes) -> str:
    """Return the digest of ``content``."""
    return hashlib.sha256(content).hexdigest()
