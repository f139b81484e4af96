"""Rules of the house that no other tool holds."""

import re
import subprocess
import sys
from pathlib import Path

from vidspec.contract import dialect_names, gateway_names

ROOT = Path(__file__).parent.parent.parent


def sources(*folders: str) -> list[Path]:
    """Return the Python files and templates below these folders."""
    found = (p for folder in folders for p in (ROOT / folder).rglob("*"))
    return sorted(p for p in found if p.suffix in {".py", ".jinja", ".j2"})


def test_no_code_names_a_dialect() -> None:
    """What differs between dialects is said in ``spec/``: no string of ours is a dialect's or gateway's name."""
    names = "|".join(sorted({*dialect_names(), *gateway_names()}))
    quoted = re.compile(rf"""["']({names})["']""")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources("generator")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if quoted.search(line) and not re.match(r"\s*(#|>>>|\w.*``)", line)
    ]

    assert [] == found


def test_modules_stay_small() -> None:
    """No module of ours has more than 500 lines, no template more than 150."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources("generator")
        if (lines := len(path.read_text().splitlines())) > (500 if path.suffix == ".py" else 150)
    }

    assert {} == long


def test_the_readme_shows_what_dialects_can_do() -> None:
    """The table between the markers is what ``vidspec list capabilities --markdown`` prints."""
    command = [sys.executable, "-m", "vidspec", "list", "capabilities", "--markdown"]
    table = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    readme = (ROOT / "README.md").read_text()
    shown = readme.split("<!-- capabilities -->")[1].split("<!-- /capabilities -->")[0]

    assert table.strip() == shown.strip()
