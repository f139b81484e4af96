"""The answer as the JSON that shields.io draws a badge from (``https://img.shields.io/endpoint?url=…``)."""

import json

from vidspec.conformance.run import Run


def badge(run: Run) -> str:
    """Return the JSON; green only for a complete run without a failure."""
    message, colour = _says(run)
    value = {
        "schemaVersion": 1,
        "label": f"vidspec {run.header.dialect}",
        "message": message,
        "color": colour,
        "isError": run.exit_code != 0,
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _says(run: Run) -> tuple[str, str]:
    message, colour = _wrong(run) if not run.findings else ("", "")
    if message:
        return message, colour
    if run.lapsed:
        return "baseline out of date", "orange"
    if run.findings and run.exit_code == 1:
        return "does not conform", "red"
    if run.exit_code:
        cut = run.footer.state != "complete" and not run.findings
        return "not judged to the end" if cut else "not measured", "lightgrey"
    known, held = len(run.having("known")), len(run.having("pass"))
    if known:
        return f"conforms but for {known} known", "yellow"
    return f"conforms ({held} checks, {run.header.mode})", "brightgreen"


def _wrong(run: Run) -> tuple[str, str]:
    """Say which requirements were not met; empty: none."""
    broken, untested = len(run.having("fail")), len(run.having("untestable"))
    if broken:
        return f"{broken} broken", "red"
    if untested and run.exit_code == 1:
        return f"{untested} untestable", "red"
    return "", ""
