"""What lay in the specification's folder when it was last emitted, so that a file that has not changed is not read again.

It is kept in ``.vidspec_cache`` in the output folder, which no version control needs to hold: without it everything
is read, and the manifest alone says what must be emitted.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vidspec.emit.manifest import Part, emitter_digest, folder_digest, sha
from vidspec.emit.settings import Settings
from vidspec.resources import spec_root

CACHE = ".vidspec_cache"
_FILE = "inputs.json"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a specification by their paths below its root, and the digest of all that reads them."""

    reader: str
    files: Mapping[str, str]
    #: Dialect → the files that it, its gateways and their overlays were read from.
    read: Mapping[str, list[str]] = field(default_factory=dict)
    #: Dialect → the key that its part of the manifest had then.
    keys: Mapping[str, str] = field(default_factory=dict)
    #: What a ``ModelMemory`` remembers.
    models: Mapping[str, str] = field(default_factory=dict)

    def unchanged(self, now: "Inputs", parts: Mapping[str, Part]) -> dict[str, Part]:
        """Return those of ``parts`` that are as then, and of which no input has changed since.

        When a file has changed that belongs to no dialect, or to the specification as a whole, there are none.
        """
        changed = {
            path
            for path in {*self.files, *now.files}
            if self.files.get(path) != now.files.get(path)
        }
        known = {path for paths in self.read.values() for path in paths}
        if self.reader != now.reader or changed - known:
            return {}
        same = {name for name, paths in self.read.items() if not changed & {*paths}}
        return {n: p for n, p in parts.items() if n in same and p.key == self.keys.get(n)}


def read_inputs(root: Path, settings: Settings) -> Inputs:
    """Take the digests of everything below ``root``, and of the code and the packaged texts that a reading depends on."""
    package = Path(__file__).resolve().parent.parent
    # A specification of one's own may leave the lifecycle and the requirements to ours.
    ours = [sha((spec_root() / "lifecycle.yaml").read_bytes())]
    ours += [folder_digest(spec_root() / name) for name in ("requirements", "meta")]
    code = [folder_digest(package / "document"), sha((package / "source.py").read_bytes())]
    files = {
        path.relative_to(root).as_posix(): sha(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    return Inputs(sha("".join([emitter_digest(settings), *ours, *code]).encode()), files)


def recall(output: Path) -> Inputs | None:
    """Return what was remembered in ``output``; None if there is nothing, or it is damaged."""
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        said = json.loads((output / CACHE / _FILE).read_bytes())
        read = {str(name): [*map(str, paths)] for name, paths in said["read"].items()}
        models = {str(slot): str(written) for slot, written in said["models"].items()}
        return Inputs(str(said["reader"]), dict(said["files"]), read, dict(said["keys"]), models)
    return None


def remember(output: Path, now: Inputs) -> None:
    """Keep ``now`` in ``output``."""
    folder = output / CACHE
    # A cache that cannot be kept costs time, nothing else.
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        (folder / _FILE).write_text(json.dumps(asdict(now), indent=1), encoding="utf-8")
