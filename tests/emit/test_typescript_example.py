"""The worked example of an emitter: found by its entry point, written, compared, and deaf to hostile text."""

import os
import shutil
import subprocess
import sys
import tomllib
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest

from emit.toy_document import contract, dialect

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "vidspec-typescript"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = util.spec_from_file_location("vidspec_typescript", EXAMPLE / "vidspec_typescript.py")
    assert spec is not None
    assert spec.loader is not None
    made = util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def installed(folder: Path) -> dict[str, str]:
    """Lay the example out as an installer does; return the environment in which it is there."""
    shutil.copy(EXAMPLE / "vidspec_typescript.py", folder)
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = folder / "vidspec_typescript-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}


def test_the_example_is_found_writes_and_checks(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    environment = installed(folder)

    def generate(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "vidspec", "generate", "--dialect", "jimeng"]
        command += ["--emitter", "typescript", "--output", str(tmp_path / "types"), *words]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    assert generate()[0] == 0
    page = tmp_path / "types" / "jimeng.ts"
    assert "export interface Operations {" in page.read_text()
    assert generate("--check")[0] == 0
    page.write_text(page.read_text().replace("export interface", "interface"))
    code, said = generate("--check")
    assert code == 1
    assert "+export interface Operations {" in said


@pytest.mark.parametrize("evil", ["*/ evil(); /*", '"; evil(); "', "a\nevil();\n", "`${evil()}`"])
def test_text_stays_text(evil: str, module: ModuleType) -> None:
    """Hostile texts and names change no line's structure: what is outside of strings and comments is the same."""
    plain = module.emit(contract(dialect(text=lambda word: f"plain {word}")))
    hostile = module.emit(contract(dialect(text=lambda word: f"{evil} {word}")))

    assert plain.keys() == hostile.keys()
    for path in plain:
        assert structure(plain[path].decode()) == structure(hostile[path].decode())


def structure(text: str) -> str:
    """Return a module without its strings and comments."""
    result, rest = "", text
    while rest:
        if rest.startswith("/*"):
            rest = rest.partition("*/")[2]
        elif rest.startswith("//"):
            rest = rest[rest.index("\n") :]
        elif rest.startswith('"'):
            end = 1
            while rest[end] != '"':
                end += 2 if rest[end] == "\\" else 1
            result, rest = result + '""', rest[end + 1 :]
        else:
            result, rest = result + rest[0], rest[1:]
    return result
