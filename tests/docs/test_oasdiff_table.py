"""The comparison with oasdiff says what the tool says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "diff-oasdiff.md"
#: Their level → the cost for clients that is the same.
SAME = {"error": "breaking", "warning": "risky"}


@pytest.fixture(scope="module")
def costs() -> dict[str, str]:
    """Give each code's cost for clients."""
    command = [sys.executable, "-m", "vidspec", "list", "changes", "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return {row["change"]: row["client"] for row in rows}


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
