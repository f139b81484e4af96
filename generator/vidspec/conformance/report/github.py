"""Workflow commands of GitHub Actions: one annotation for each requirement to look at."""

from typing import Final

from vidspec.conformance.report.summary import BAD, answer
from vidspec.conformance.run import Run

_LEVELS: Final = {
    "fail": "error",
    "untestable": "error",
    "error": "error",
    "warn": "warning",
    "known": "notice",
}


def github(run: Run) -> str:
    """Return the commands, the worst first (GitHub shows ten of a kind); then the answer as a notice."""
    rules = run.rules
    lines = [_command("error", finding.code, finding.message) for finding in run.findings]
    if run.footer.state != "complete":
        lines.append(_command("error", "truncated run", run.footer.reason))
    if not run.findings:
        for verdict in BAD:
            lines += [
                _command(
                    _LEVELS[verdict],
                    f"{verdict}: {o.requirement}",
                    f"{rules[o.requirement].sentence}\n{o.reason}",
                )
                for o in run.outcomes
                if o.verdict == verdict
            ]
    lines += [_command("error", f"{e.kind}: {e.requirement}", e.message) for e in run.lapsed]
    lines.append(_command("notice", "vidspec", f"{run.header.url} {answer(run)}"))
    return "\n".join(lines) + "\n"


def _command(level: str, title: str, message: str) -> str:
    """Write a command; no text can end it or begin another."""
    name = _data(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
