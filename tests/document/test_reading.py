"""What files may hold, and bounds on what hostile ones cost."""

import time
from pathlib import Path
from typing import Any

import pytest

from vidspec.document import load_yaml
from vidspec.errors import SpecError, UsageError


def read(path: Path, raw: bytes) -> Any:
    """Return the value of a file with these bytes."""
    path.write_bytes(raw)
    return load_yaml(path)[0]


def rules(path: Path, raw: bytes) -> list[str]:
    """Return ``rule line:column`` of each complaint about a file with these bytes."""
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        read(path, raw)
    assert time.process_time() - start < 30  # What grows faster than the text would take hours.
    found = [(p.rule, p.location) for p in caught.value.problems]
    return [f"{rule} {at.line}:{at.column}" for rule, at in found if at]


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    """Dates, versions and quoted words are strings; only true and false are booleans."""
    text = "[1, -2.5, 1e3, 0xff, true, False, null, ~, 2026-09-24, 3.1.0, 'no', \"0777\", a_b, Nö]"
    expected: list[object] = [1, -2.5, 1000.0, 255, True, False, None, None]
    expected += ["2026-09-24", "3.1.0", "no", "0777", "a_b", "Nö"]

    assert expected == read(tmp_path / "a.yaml", text.encode())


def test_json_is_read_by_the_same_door(tmp_path: Path) -> None:
    """Tabs, escapes and surrogate pairs of JSON are read; YAML in a .json file is refused."""
    path = tmp_path / "a.json"
    raw = b'{\n\t"a\\/b": "\\ud83d\\ude00 \\\\ud83d\\u00e9",\n\t"n": 1e2\n}\n'

    assert read(path, raw) == {"a/b": "\N{GRINNING FACE} \\ud83dé", "n": 100.0}
    assert rules(path, b"{a: 1}") == ["json-syntax 1:2"]
    assert rules(path, b'{"a": 1, "a": 2}') == ["yaml-duplicate-key 1:10"]
    assert rules(path, b'{"a": NaN}') == ["json-syntax 1:1"]


def test_places(tmp_path: Path) -> None:
    """A member is found at its key, an item where it begins, the unknown at its nearest ancestor."""
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  - b: 1\n    c/d:\n      é: [x, z]\n")
    _, locate = load_yaml(path)

    def position(pointer: str) -> tuple[int, int]:
        at = locate(pointer)
        return at.line, at.column

    assert position("") == (1, 1)
    assert position("/a/0") == (2, 5)
    assert position("/a/0/c~1d") == (3, 5)
    assert position("/a/0/c~1d/é/1") == (4, 14)
    assert position("/a/0/c~1d/é/7/x") == (4, 7)


def test_aliases_are_read_as_copies(tmp_path: Path) -> None:
    """Changing one place of an aliased value does not change the other."""
    value = read(tmp_path / "a.yaml", b"a: &x {n: 1}\nb: *x\n")
    value["a"]["n"] = 2

    assert value == {"a": {"n": 2}, "b": {"n": 1}}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a: caf\xe9\n", ["yaml-encoding 1:7"]),
        (b"\xef\xbb\xbfa: 1\n", ["yaml-encoding 1:1"]),
        ("a: 1\n".encode("utf-16"), ["yaml-encoding 1:1"]),
        (b"a: 1\nb: \x1b[31m\x00\n", ["yaml-control-character 2:4", "yaml-control-character 2:9"]),
        ("a: x\u2028y\n".encode(), ["yaml-control-character 1:5"]),
        (b"x" * 5_000_001, ["yaml-size 1:1"]),
        (b"[" * 1_000_000, ["yaml-depth 1:100"]),
        (b"a: " + b"[" * 200 + b"]" * 200, ["yaml-depth 1:102"]),
        (b"[" + b"1," * 500_000 + b"]", ["yaml-size 1:1"]),
        (b"a: " + b"9" * 5000 + b"\n", ["yaml-number 1:4"]),
    ],
)
def test_bytes_that_are_refused(raw: bytes, expected: list[str], tmp_path: Path) -> None:
    """Each is refused quickly, at its place."""
    assert expected == rules(tmp_path / "a.yaml", raw)


def test_alias_bombs_are_refused(tmp_path: Path) -> None:
    """Neither values nor texts nor depth can be multiplied by aliases."""
    path = tmp_path / "a.yaml"
    wide = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
    )
    long = "t: &t '" + "x" * 100_000 + "'\nu: [" + ", ".join(["*t"] * 1000) + "]\n"
    deep = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000))

    assert [r.split()[0] for r in rules(path, wide.encode())] == ["yaml-alias"]
    assert [r.split()[0] for r in rules(path, long.encode())] == ["yaml-alias"]
    assert [r.split()[0] for r in rules(path, deep.encode())] == ["yaml-depth"]


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """What the caller named must exist."""
    with pytest.raises(UsageError, match="cannot be read"):
        load_yaml(tmp_path / "none.yaml")
