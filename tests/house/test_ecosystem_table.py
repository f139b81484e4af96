"""README says what everybody's tools do with our documents; the ``ecosystem`` session holds that it is so."""

from pathlib import Path

from ecosystem.tools import KNOWN, TOOLS, table

ROOT = Path(__file__).parent.parent.parent


def test_the_readme_shows_the_table() -> None:
    shown = (ROOT / "README.md").read_text()

    assert table() == shown.split("<!-- ecosystem -->\n")[1].split("\n<!-- /ecosystem -->")[0]


def test_the_versions_are_those_that_are_installed() -> None:
    """What stands in our own constraints is what the table names."""
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )

    for name in ("openapi-python-client", "datamodel-code-generator"):
        assert TOOLS[name][1] == pins[name]
    assert pins["schemathesis"].startswith(f"{TOOLS['schemathesis'][1]}.")
    assert {*KNOWN} <= {*TOOLS}
