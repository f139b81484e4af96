"""Every kind of change has a folder in ``cases/diff`` that shows it, and nothing else."""

from datetime import date
from pathlib import Path

import pytest

from vidspec.diff import KINDS, Diff, compare, open_side, promises, render

CASES = Path(__file__).parent.parent / "cases" / "diff"


def run(off: set[str] | None = None) -> Diff:
    """Compare the two sides of the case that is the working directory."""
    sides = ("old", "new") if Path("old").is_dir() else ("old.yaml", "new.yaml")
    return compare(*map(open_side, sides), off=off or ())


@pytest.mark.parametrize("code", sorted(KINDS))
def test_kind_is_found_and_only_by_its_own_rule(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The case says what is expected; without its rule it fails, without every other rule it holds."""
    monkeypatch.chdir(CASES / code)
    expected = Path("expected.txt").read_text()

    assert expected == render(run(), "text", side="client") + "\n"
    assert [code] == [finding.code for finding in run().findings]
    assert not run({code}).findings
    assert expected == render(run(set(KINDS) - {code}), "text", side="client") + "\n"


def test_every_case_shows_a_kind() -> None:
    assert {path.name for path in CASES.iterdir()} == set(KINDS)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_case_is_no_change_against_itself(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES / code)
    for side in ("old", "old.yaml", "new", "new.yaml"):
        if Path(side).exists():
            assert not compare(open_side(side), open_side(side)).findings


def test_codes_are_unique() -> None:
    from vidspec.diff.kinds_gateway import GATEWAY_KINDS
    from vidspec.diff.kinds_http import HTTP_KINDS
    from vidspec.diff.kinds_promise import PROMISE_KINDS
    from vidspec.diff.kinds_schema import SCHEMA_KINDS
    from vidspec.diff.kinds_video import VIDEO_KINDS

    kinds = (*HTTP_KINDS, *PROMISE_KINDS, *SCHEMA_KINDS, *VIDEO_KINDS, *GATEWAY_KINDS)
    assert len(KINDS) == len(kinds)


@pytest.mark.parametrize(
    ("today", "code"),
    [
        ("2027-03-30", "operation-removed-before-sunset"),
        ("2027-03-31", "deprecated-operation-removed"),
        ("2027-04-01", "deprecated-operation-removed"),
    ],
)
def test_whether_an_operation_went_too_early_depends_on_the_day(
    today: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of sunset is the first on which it may be gone."""
    case = CASES / "operation-removed-before-sunset"
    old = tmp_path / "old.yaml"
    old.write_text((case / "old.yaml").read_text().replace("9999-12-31", "2027-03-31"))
    monkeypatch.setattr(promises, "_today", lambda: date.fromisoformat(today))

    found = compare(open_side(str(old)), open_side(str(case / "new.yaml"))).findings

    assert [code] == [finding.code for finding in found]
    assert "2027-03-31" in found[0].message
