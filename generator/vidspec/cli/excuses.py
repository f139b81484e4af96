"""The baseline of a check: read before, applied and written after."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vidspec.cli.report import put
from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Entry, Run
    from vidspec.contract import Contract


def read_excuses(path: Path | None, contract: "Contract", *, update: bool) -> tuple["Entry", ...]:
    """Read the baseline before anything is sent; one that is to be written may be missing."""
    from vidspec.conformance import load_baseline

    if path is None:
        if update:
            message = "there is no baseline to update"
            raise UsageError(message, hint="Name it: --baseline FILE.")
        return ()
    return () if update and not path.exists() else load_baseline(path, contract)


def excuse(run: "Run", known: tuple["Entry", ...], path: Path | None, *, update: bool) -> "Run":
    """Return the run as the baseline sees it; ``update`` writes the baseline first, so that the run passes."""
    from vidspec.conformance import apply, dump_baseline, updated

    if path is None:
        return run

    today = datetime.now(UTC).date()
    if update and not run.findings:
        known = updated(run, known, today)
        put(dump_baseline(known), path, "baseline")
    return apply(run, known, today)
