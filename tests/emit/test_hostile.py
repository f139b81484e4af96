"""Whatever a specification says, it stays text: the emitted code keeps its structure and its place."""

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from emit.toy_document import before, contract, dialect
from vidspec.emit import FileTree, emit, write_tree

HOSTILE = {
    "quotes": 'it\'s "quoted"',
    "triple quotes": '"""\nimport os\nos.abort()\n"""',
    "triple single quotes": "'''\nimport os\n'''",
    "ending quote": 'he said "no"',
    "ending backslash": "c:\\",
    "backslash and quote": '\\"""\\',
    "escapes": "\\N{BULLET} \\u0022 \\x22",
    "jinja": "{{ 7 * 7 }}{% raw %}{# gone #}",
    "format": "{0} {message} %s ${HOME}",
    "line ends": "a\r\nimport os\u2028import sys\x0bimport re\x85import io",
    "bidi": "\u202eevil\u2066 \u200b\ufeff",
    "control": "a\x00b\x1b[31m",
    "path": "../../../../tmp/evil",
    "windows path": "..\\..\\evil",
    "dunder": "__init__",
    "keyword": "class",
    "constant": "None",
    "builtin": "print",
    "pydantic": "model_dump",
    "self": "self",
    "digits": "123",
    "nothing": "\u63d0\u793a",
    "comment": "# noqa\n# type: ignore",
    "annotation": "int] = __import__('os').abort() #",
}
# The name of a dialect is also held to a pattern when a file is loaded; emission does not count on it.


@pytest.fixture(scope="module")
def harmless() -> FileTree:
    # The harmless twin has odd names too, so that both need aliases.
    return emit(contract(dialect(name=lambda word: f"x-{word}", text=lambda word: f"Plain {word}")))


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_changes_constants_only(evil: str, harmless: FileTree) -> None:
    tree = emit(
        contract(dialect(name=lambda word: f"x-{word}", text=lambda word: f"{evil}{word}{evil}"))
    )

    assert tree.keys() == harmless.keys()
    for path in code(tree):
        assert shape(tree[path], names=True) == shape(harmless[path], names=True), path


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_names_change_identifiers_and_constants_only(evil: str, harmless: FileTree) -> None:
    tree = emit(contract(dialect(name=lambda word: f"{evil}-{word}")))

    ours = {path: content for path, content in tree.items() if "_runtime" not in path}
    assert len(tree) == len(harmless)
    for path in code(ours):
        twin = path.replace(module_of(tree), module_of(harmless))
        assert shape(tree[path]) == shape(harmless[twin]), path


def test_nothing_is_written_outside_the_output_folder(tmp_path: Path) -> None:
    output = tmp_path / "a" / "b" / "generated"

    for evil in HOSTILE.values():
        tree = emit(contract(dialect(name=before(f"{evil}/"))))
        for path in tree:
            assert not {"..", ""} & set(PurePosixPath(path).parts)
            assert path.isascii()
        write_tree(tree, output)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["a"]
    assert sorted(p.name for p in output.iterdir()) == [
        "manifest.json",
        "vidspec_client",
        "vidspec_server",
    ]


def test_hostile_packages_can_be_used(tmp_path: Path) -> None:
    """Parsing is not enough: every package is imported, its models are built, its application is made."""
    evils = [f"{number}{evil}" for number, evil in enumerate(HOSTILE.values())]
    many = [dialect(name=before(evil)) for evil in evils]
    write_tree(emit(contract(*many)), tmp_path)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _USE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == (f"{len(evils)}\n", "")


_USE = """
import importlib, sys
sys.path.insert(0, ".")
import vidspec_client, vidspec_server
from pydantic import BaseModel
for module in vidspec_server.DIALECTS.values():
    server = importlib.import_module(f"vidspec_server.{module}")
    importlib.import_module(f"vidspec_client.{module}.client")
    for package in ("vidspec_server", "vidspec_client"):
        models = importlib.import_module(f"{package}.{module}.models")
        for value in vars(models).values():
            if isinstance(value, type) and issubclass(value, BaseModel):
                value.model_rebuild(force=True)
    server.create_app(server.UnimplementedService()).openapi()
print(len(vidspec_server.DIALECTS))
"""


def code(tree: FileTree) -> list[str]:
    return [path for path in tree if path.endswith(".py")]


def module_of(tree: FileTree) -> str:
    return next(PurePosixPath(p).parts[1] for p in tree if p.endswith("/openapi.json"))


def shape(content: bytes, *, names: bool = False) -> list[str]:
    """Return the code's tree without its constants, and without its names unless asked for."""
    tree = ast.parse(content)
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(node, ast.Constant) and field == "value":
                node.value = type(value).__name__
            elif isinstance(value, str) and not names:
                setattr(node, field, "")
            elif field == "names" and not names and value and isinstance(value[0], str):
                setattr(node, field, [])
    return ast.dump(tree, indent=0).splitlines()
