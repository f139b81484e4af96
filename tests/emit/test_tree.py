"""Writing and comparing: what differs is said, what is not ours is left alone."""

from pathlib import Path

import pytest

from emit.toy_document import contract, dialect
from vidspec.emit import FileTree, compare_tree, emit, write_tree
from vidspec.errors import UsageError


@pytest.fixture(scope="module")
def tree() -> FileTree:
    return emit(contract(dialect()))


def test_a_written_tree_has_no_drift(tree: FileTree, tmp_path: Path) -> None:
    drift = write_tree(tree, tmp_path)

    assert set(drift.missing) == set(tree)
    assert not compare_tree(tree, tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_each_kind_of_difference_is_named(tree: FileTree, tmp_path: Path) -> None:
    write_tree(tree, tmp_path)
    (tmp_path / "vidspec_server/toy/app.py").unlink()
    edited = tmp_path / "vidspec_client/toy/models.py"
    edited.write_bytes(edited.read_bytes() + b"x = 1\n")
    old = tmp_path / "vidspec_client/gone/models.py"
    old.parent.mkdir()
    old.write_bytes(tree["vidspec_client/toy/models.py"])
    (tmp_path / "vidspec_client/mine.py").write_text("x = 1\n")

    drift = compare_tree(tree, tmp_path)

    assert list(drift.lines()) == [
        "missing: vidspec_server/toy/app.py",
        "changed: vidspec_client/toy/models.py",
        "orphaned: vidspec_client/gone/models.py",
        "foreign: vidspec_client/mine.py",
    ]


def test_an_orphan_goes_with_its_folder(tree: FileTree, tmp_path: Path) -> None:
    write_tree(emit(contract(dialect(), dialect(name=lambda word: f"other-{word}"))), tmp_path)
    assert (tmp_path / "vidspec_server/other_toy/openapi.json").exists()
    cache = tmp_path / "vidspec_server/other_toy/__pycache__"
    cache.mkdir()
    (cache / "app.cpython-311.pyc").write_bytes(b"")

    drift = write_tree(tree, tmp_path)

    assert "vidspec_server/other_toy/openapi.json" in drift.orphaned
    assert not (tmp_path / "vidspec_server/other_toy").exists()


def test_a_foreign_file_stops_everything(tree: FileTree, tmp_path: Path) -> None:
    in_the_way = tmp_path / "vidspec_server/toy/app.py"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("mine = True\n")

    with pytest.raises(UsageError, match=r"vidspec_server/toy/app\.py"):
        write_tree(tree, tmp_path)

    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [in_the_way]
    assert in_the_way.read_text() == "mine = True\n"


@pytest.mark.parametrize(
    "path",
    [
        "../evil.py",
        "/tmp/evil.py",
        "vidspec_client/../../evil.py",
        "evil.py",
        "vidspec_client\\..\\x",
    ],
)
def test_a_path_that_leads_out_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="out of the output folder"):
        write_tree({path: b""}, tmp_path / "out")

    assert not list(tmp_path.iterdir())


def test_a_link_that_leads_out_is_refused(tree: FileTree, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "vidspec_client").symlink_to(outside)

    with pytest.raises(UsageError, match="out of the output folder"):
        write_tree(tree, tmp_path / "out")

    assert not list(outside.iterdir())


def test_a_failed_write_puts_everything_back(
    tree: FileTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(emit(contract(dialect(text=lambda word: f"Old {word}"))), tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target == tmp_path / "vidspec_server/toy/service.py" and ".old" not in self.parts:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        write_tree(tree, tmp_path)

    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
