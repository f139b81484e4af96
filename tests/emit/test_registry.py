"""Emitters are found by name, and what they make is written only where it is theirs."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from emit.toy_document import contract, dialect
from vidspec.contract import Contract
from vidspec.emit import (
    DEFAULT,
    FileTree,
    compare_folder,
    emit,
    emitter_names,
    find_emitter,
    registry,
    write_folder,
)
from vidspec.errors import UsageError


def third_party(spoken: Contract) -> FileTree:
    return {f"{name}.go": b"package main" for name in spoken.dialects}


def test_ours_are_found_by_name() -> None:
    toy = contract(dialect())

    assert find_emitter(DEFAULT)(toy) == emit(toy)
    assert {"vidspec", "openapi-python-client", "markdown"} <= {*emitter_names()}


def test_others_come_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("go", "emit.test_registry:third_party", registry.GROUP),
        EntryPoint("gone", "emit.test_registry:gone", registry.GROUP),
        EntryPoint("text", "emit.test_registry:__doc__", registry.GROUP),
    ]

    def found(group: str, name: str) -> list[EntryPoint]:
        assert group == "vidspec.emitters"
        return [e for e in entries if e.name == name]

    monkeypatch.setattr(registry, "entry_points", found)

    assert find_emitter("go")(contract(dialect())) == {"toy.go": b"package main"}
    with pytest.raises(UsageError, match="cannot be loaded"):
        find_emitter("gone")
    with pytest.raises(UsageError, match="not callable"):
        find_emitter("text")


def test_an_unknown_one_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no emitter 'cobol'") as caught:
        find_emitter("cobol")

    assert "openapi-python-client" in str(caught.value.hint)


def test_a_folder_is_written_compared_and_cleared(tmp_path: Path) -> None:
    write_folder({"a/x.go": b"1", "b.go": b"2"}, tmp_path, "go")
    (tmp_path / "mine.txt").write_text("mine")

    assert not compare_folder({"a/x.go": b"1", "b.go": b"2"}, tmp_path, "go")
    drift = write_folder({"b.go": b"3"}, tmp_path, "go")

    assert (drift.changed, drift.orphaned) == (("b.go",), ("a/x.go",))
    assert {p.name for p in tmp_path.rglob("*")} == {"b.go", "mine.txt", "manifest.json"}


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "b.go").write_text("mine")

    with pytest.raises(UsageError, match=r"left alone: b\.go"):
        write_folder({"a.go": b"1", "b.go": b"2"}, tmp_path, "go")

    assert {p.name for p in tmp_path.iterdir()} == {"b.go"}


def test_another_emitters_folder_is_left_alone(tmp_path: Path) -> None:
    write_folder({"a.go": b"1"}, tmp_path, "go")

    with pytest.raises(UsageError, match="not of the emitter 'rust'"):
        write_folder({"a.rs": b"1"}, tmp_path, "rust")


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a\\b", "manifest.json", "out/a"])
def test_nothing_is_written_elsewhere(path: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to(tmp_path)

    with pytest.raises(UsageError, match="leads out"):
        write_folder({path: b""}, tmp_path / "in", "go")


def test_the_command_emits_checks_and_refuses(tmp_path: Path) -> None:
    def vidspec(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "vidspec", "generate", "--dialect", "jimeng", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    ours = ("--emitter", "openapi-python-client", "--output", str(tmp_path / "out"))

    assert vidspec(*ours)[0] == 0
    assert (tmp_path / "out" / "jimeng_client" / "client.py").is_file()
    assert vidspec(*ours, "--check")[0] == 0
    (tmp_path / "out" / "jimeng_client" / "client.py").write_text("")
    assert vidspec(*ours, "--check")[0] == 1
    assert vidspec("--emitter", "openapi-python-client")[0] == 2
    assert "Emitters: markdown" in vidspec("--emitter", "cobol", "--output", str(tmp_path))[1]
