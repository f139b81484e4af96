"""What a release may hold: ``python tests/release/contents.py dist`` looks into every wheel and sdist there.

Nothing that is needed is missing, nothing else is in it: no tests in the wheel, no caches, no keys, no file out of place.
"""

import re
import stat
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path, PurePosixPath

_PACKAGES = ("vidspec", "vidspec_client", "vidspec_server")
_SUFFIXES = {
    ".py", ".typed", ".yaml", ".json", ".jinja", ".j2", ".css", ".js", ".md", ".html", ".svg",
}  # fmt: skip
#: What a wheel without these could not do.
_NEEDED = (
    "vidspec/__main__.py", "vidspec/py.typed", "vidspec/_spec/lifecycle.yaml",
    "vidspec/_spec/requirements/create.yaml", "vidspec/_spec/meta/x-video-dialect.schema.yaml",
    "vidspec/scaffold/dialect.yaml", "vidspec/runtime/client/client.py",
    "vidspec_client/__init__.py", "vidspec_client/py.typed", "vidspec_server/__init__.py",
)  # fmt: skip
_NEEDED_IN_SOURCE = (
    "pyproject.toml", "README.md", "LICENSE", "SECURITY.md", "noxfile.py", "constraints.txt",
    "spec/lifecycle.yaml", "generator/vidspec/__main__.py", "tests/release/contents.py",
)  # fmt: skip
_JUNK = re.compile(
    r"(^|/)(__pycache__|\.[^/]+|node_modules|site|demo|dist|build)(/|$)|\.(pyc|pem|key|log|sqlite)$"
)
_SECRET = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bghp_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{50,}"
)


def wheel_problems(path: Path) -> list[str]:
    """Return what is wrong with a wheel, a line each."""
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        info = next((n.partition("/")[0] for n in names if ".dist-info/" in n), "")
        found = [f"{name} is missing" for name in _NEEDED if name not in names]
        found += [
            f"{name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        for member in wheel.infolist():
            top = member.filename.partition("/")[0]
            if top not in {*_PACKAGES, info}:
                found.append(f"{member.filename} is in no package of ours")
            elif top != info and PurePosixPath(member.filename).suffix not in _SUFFIXES:
                found.append(f"{member.filename} is of no kind that a package holds")
            if stat.S_ISLNK(member.external_attr >> 16):
                found.append(f"{member.filename} is a link")
            found += _any_problems(member.filename, wheel.read(member))
        said = wheel.read(f"{info}/METADATA").decode() if f"{info}/METADATA" in names else ""
        if not any(name.startswith(f"{info}/licenses/") for name in names):
            found.append("the licence is missing")
    return found + _metadata_problems(said, path)


def source_problems(path: Path) -> list[str]:
    """Return what is wrong with an sdist, a line each."""
    found = []
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        root = path.name.removesuffix(".tar.gz")
        names = {m.name.partition("/")[2] for m in members}
        found += [f"{name} is missing" for name in _NEEDED_IN_SOURCE if name not in names]
        for member in members:
            if member.name.partition("/")[0] != root or ".." in PurePosixPath(member.name).parts:
                found.append(f"{member.name} is not in {root}")
            if not member.isfile():
                found.append(f"{member.name} is no plain file")
                continue
            file = archive.extractfile(member)
            found += _any_problems(member.name.partition("/")[2], file.read() if file else b"")
    return found


def _any_problems(name: str, content: bytes) -> list[str]:
    found = []
    if _JUNK.search(name) and name != ".gitignore":
        found.append(f"{name} does not belong into a release")
    if _SECRET.search(content):
        found.append(f"{name} holds what looks like a key")
    return found


def _metadata_problems(text: str, path: Path) -> list[str]:
    said = Parser().parsestr(text)
    found = []
    if said["Name"] != "vidspec":
        found.append(f"the name is {said['Name']}")
    if f"vidspec-{said['Version']}-" not in path.name:
        found.append(f"the version is {said['Version']}, the file says {path.name}")
    found += [
        f"the dependency {line} is an address"
        for line in said.get_all("Requires-Dist", [])
        if "@" in line
    ]
    return found


def main(folder: Path) -> int:
    """Print every problem of every file; return 1 if there is one, or nothing to look at."""
    files = sorted(folder.glob("*.whl")) + sorted(folder.glob("*.tar.gz"))
    kinds = {path.suffix for path in files}
    lines = [] if kinds == {".whl", ".gz"} else [f"{folder} does not hold a wheel and an sdist"]
    for path in files:
        problems = wheel_problems(path) if path.suffix == ".whl" else source_problems(path)
        lines += [f"{path.name}: {problem}" for problem in problems]
    for line in lines or [f"{len(files)} files: as they should be"]:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
