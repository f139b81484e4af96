"""Every folder of ``cases/broken`` is refused with exactly the complaints in its ``expected.txt``."""

from pathlib import Path

import pytest

from vidspec.document import apply_overlay, load_document
from vidspec.errors import SpecError

CASES = Path(__file__).parent.parent / "cases" / "broken"


def complaints(case: Path) -> list[str]:
    """Return the complaints about the case, a line each."""
    try:
        document = load_document(Path("openapi.yaml"), root=case)
        if Path("overlay.yaml").exists():
            apply_overlay(document, Path("overlay.yaml"))
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_broken_document_is_refused(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each complaint names file, line, column and rule; none is missing and none is too many."""
    monkeypatch.chdir(case)

    expected = (case / "expected.txt").read_text().splitlines()

    assert expected == complaints(case)
