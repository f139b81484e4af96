"""The comparison with oasdiff says what the tool says."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.oasdiff_examples import EXAMPLES
from vidspec.diff import KINDS, compare, open_side

PAGE = Path(__file__).parent.parent.parent / "docs" / "diff-oasdiff.md"
CASES = PAGE.parent.parent / "tests" / "cases" / "diff"
#: Their level → the cost for clients that is the same.
SAME = {"error": "breaking", "warning": "risky"}


@pytest.fixture(scope="module")
def costs() -> dict[str, str]:
    """Give each code's cost for clients."""
    command = [sys.executable, "-m", "vidspec", "list", "changes", "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return {row["change"]: row["client"] for row in rows}


def sections() -> Iterator[tuple[str, str, list[str]]]:
    """Yield section, change and our codes of every row."""
    section = ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif re.match(r"\| [^-]", line) and not line.startswith("| change |"):
            change, _, ours = (cell.strip() for cell in line.split("|")[1:4])
            yield section, change, re.findall(r"`([a-z-]+)`", ours)


ROWS = [*sections()]


def rows() -> list[tuple[str, ...]]:
    found = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.read_text().splitlines()
        if re.match(r"\| [^-]", line) and not line.startswith("| change |")
    ]
    assert len(found) > 60
    return found


def test_each_row_says_what_the_tool_says(costs: dict[str, str]) -> None:
    """Codes exist, costs are theirs, and where the two tools part there is a reason."""
    for row in rows():
        what, theirs, ours, cost, why = row
        codes = re.findall(r"`([a-z-]+)`", ours)

        found = ", ".join(dict.fromkeys(costs[code] for code in codes))
        assert (cost == found) if codes else (ours, cost) == ("none", "-"), what
        assert why or found == SAME[theirs], what


def test_every_row_has_examples_and_its_codes_have_cases() -> None:
    assert {(section, change) for section, change, _ in ROWS} == {
        (section, change) for section in EXAMPLES for change in EXAMPLES[section]
    }
    cases = {path.name for path in CASES.iterdir()}
    for _, change, codes in ROWS:
        assert {*codes} <= cases & {*KINDS}, change


@pytest.mark.parametrize(("section", "change", "codes"), ROWS)
def test_a_row_is_what_its_examples_give(
    section: str, change: str, codes: list[str], tmp_path: Path
) -> None:
    """The codes of the table are found in pairs of documents that differ in that way, and no others."""
    found = [set[str]() for _ in EXAMPLES[section][change]]
    for seen, pair in zip(found, EXAMPLES[section][change], strict=True):
        for name, document in zip(("old", "new"), pair, strict=True):
            (tmp_path / f"{name}.json").write_text(json.dumps(document))
        sides = (open_side(str(tmp_path / f"{name}.json")) for name in ("old", "new"))
        seen |= {finding.code for finding in compare(*sides).findings}

    assert {*codes} == set().union(*found)
    assert all(found) == bool(codes)
