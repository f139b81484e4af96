"""Reports: renderers of a Run; each takes a Run and returns a text."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from vidspec.conformance.report.html import html
from vidspec.conformance.report.junit import junit
from vidspec.conformance.report.summary import summary
from vidspec.conformance.report.terminal import show, text
from vidspec.conformance.run import Run
from vidspec.errors import UsageError


def _json(run: Run) -> str:
    return json.dumps(summary(run), ensure_ascii=False, indent=2) + "\n"


_RENDERERS: Final[Mapping[str, Callable[[Run], str]]] = {
    "html": html,
    "json": _json,
    "jsonl": Run.lines,
    "junit": junit,
    "text": text,
}
KINDS: Final = tuple(_RENDERERS)


def render(run: Run, kind: str) -> str:
    """Return the report as text; raise UsageError for a kind that does not exist."""
    if kind not in _RENDERERS:
        message = f"no such kind of report: {kind} (there are: {', '.join(KINDS)})"
        raise UsageError(message)
    return _RENDERERS[kind](run)


__all__ = ["KINDS", "render", "show"]
