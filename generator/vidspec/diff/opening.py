"""What a side of a comparison is: a file, a folder, or either of them in a git revision (``main:spec``)."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vidspec.diff.node import File, Library
from vidspec.document.text import shown_path
from vidspec.errors import UsageError

_PATTERN = (".yaml", ".yml", ".json")
_GIT_SECONDS = 60
#: What a file beside the OpenAPI documents is: the keys that it has, the first of them being its own.
KEYS = {
    "requirements": ("requirements", "chapter"),
    "lifecycle": ("states",),
    "gateway": ("profiles", "dialect"),
    "overlay": ("overlay", "actions"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its documents by name. A single file has the name ``""``."""

    label: str
    documents: dict[str, File]

    @property
    def single(self) -> bool:
        """Whether it is one file, which then faces whatever one file the other side is."""
        return set(self.documents) == {""}


def open_side(said: str) -> Side:
    """Open ``FILE``, ``FOLDER`` or ``REV:PATH``; raises UsageError if there is no such thing or it cannot be read."""
    path = Path(said)
    if path.exists():
        return _on_disk(said, path)
    revision, colon, inside = said.partition(":")
    if not colon or not revision or revision.startswith("-"):
        message = f"there is no '{said}'"
        raise UsageError(message, hint="Name a file, a folder, or REVISION:PATH as git does.")
    return _in_revision(said, revision, inside)


def _on_disk(said: str, path: Path) -> Side:
    base = _base(path.resolve())

    def read(name: str) -> bytes | None:
        found = (base / name).resolve()
        if not found.is_relative_to(base) or not found.is_file():
            return None
        try:
            return found.read_bytes()
        except OSError as error:
            message = f"{shown_path(found)} cannot be read: {error.strerror}"
            raise UsageError(message) from error

    library = Library(read, lambda name: shown_path(base / name))
    inside = path.resolve().relative_to(base).as_posix()
    if path.is_file():
        return Side(said, {"": _must(library, inside)})
    files = [
        p.relative_to(base).as_posix() for p in sorted(path.resolve().rglob("*")) if p.is_file()
    ]
    return _folder(said, library, "" if inside == "." else inside, files)


def _base(path: Path) -> Path:
    # References may lead anywhere in the repository, or in the specification that the file is part of; not further.
    for folder in path.parents:
        if (folder / ".git").exists() or (folder / "dialects").is_dir():
            return folder
    return path if path.is_dir() else path.parent


def _in_revision(said: str, revision: str, inside: str) -> Side:
    top = Path(_git("rev-parse", "--show-toplevel").decode().strip())
    if inside.startswith("./"):
        here = Path.cwd().relative_to(top).as_posix()
        inside = inside[2:] if here == "." else f"{here}/{inside[2:]}"
    inside = inside.strip("/")
    listed = _git(
        "ls-tree", "-r", "-z", "--name-only", "--full-tree", revision, *([inside] if inside else [])
    )
    files = [name for name in listed.decode("utf-8", "replace").split("\0") if name]
    if not files:
        message = f"there is no '{inside}' in {revision}"
        raise UsageError(message)
    known = set(files) if not inside else None

    def read(name: str) -> bytes | None:
        if known is not None and name not in known:
            return None
        try:
            return _git("cat-file", "blob", f"{revision}:{name}")
        except UsageError:
            return None

    library = Library(read, lambda name: f"{revision}:{name}")
    if files == [inside]:
        return Side(said, {"": _must(library, inside)})
    return _folder(said, library, inside, files)


def _folder(said: str, library: Library, inside: str, files: list[str]) -> Side:
    prefix = f"{inside}/" if inside else ""
    found: dict[str, File] = {}
    for name in files:
        short = name.removeprefix(prefix)
        if not name.endswith(_PATTERN) or any(part.startswith(".") for part in short.split("/")):
            continue
        file = _opened(library, name)
        if file and _is_ours(file.text.value):
            found[short] = file
    if not found:
        message = f"'{said}' holds no OpenAPI document"
        raise UsageError(message)
    return Side(said, found)


def _is_ours(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    if "states" in value:
        return set(value) == {"states"}
    return "openapi" in value or any({*keys} <= {*value} for keys in KEYS.values())


def _opened(library: Library, name: str) -> File | None:
    try:
        return library.open(name)
    except UsageError:
        return (
            None  # a folder may hold what is no document; a file named by hand is complained about
        )


def _must(library: Library, name: str) -> File:
    file = library.open(name)
    if file is None:
        message = f"{library.name(name)} cannot be read"
        raise UsageError(message)
    return file


def _git(
    *arguments: str, run: Callable[..., "subprocess.CompletedProcess[bytes]"] = subprocess.run
) -> bytes:
    git = shutil.which("git")
    if git is None:
        message = "git is needed to read a revision, and is not installed"
        raise UsageError(message)
    done = run([git, *arguments], capture_output=True, check=False, timeout=_GIT_SECONDS)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError("git: " + (said[0] if said else f"ended with {done.returncode}"))
    return done.stdout
