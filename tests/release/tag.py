"""``python tests/release/tag.py v1.2.3``: is this tag the version, and does the changelog have a section for it?"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def tag_problems(tag: str, root: Path = ROOT) -> list[str]:
    """Return what is wrong with releasing under ``tag``, a line each."""
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    changes = (root / "CHANGELOG.md").read_text()
    found = []
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, the version is {version}")
    if not re.search(rf"^## {re.escape(version)}( |$)", changes, re.MULTILINE):
        found.append(f"CHANGELOG.md has no section '## {version}'")
    return found


if __name__ == "__main__":
    problems = tag_problems(sys.argv[1])
    print("\n".join(problems) or "the tag fits")
    sys.exit(bool(problems))
