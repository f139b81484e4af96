"""Reports: renderers of a Run, or of several; each returns a text."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vidspec.conformance.report.badge import badge
from vidspec.conformance.report.diff import DIFF_KINDS, Difference, compare, render_diff
from vidspec.conformance.report.github import github
from vidspec.conformance.report.html import html
from vidspec.conformance.report.junit import junit
from vidspec.conformance.report.markdown import markdown
from vidspec.conformance.report.matrix import matrix
from vidspec.conformance.report.sarif import sarif
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
    "markdown": markdown,
    "sarif": sarif,
    "github": github,
    "badge": badge,
}
#: Kinds that may be written one after the other.
_ADDABLE: Final = frozenset({"text", "markdown", "github"})
KINDS: Final = tuple(_RENDERERS)
#: Kinds that take several runs, too.
ALL_KINDS: Final = (*KINDS, "matrix")


def render(run: Run, kind: str) -> str:
    """Return the report as text; raise UsageError for a kind that does not exist."""
    if kind not in _RENDERERS:
        message = f"no such kind of report: {kind} (there are: {', '.join(KINDS)})"
        raise UsageError(message)
    return _RENDERERS[kind](run)


def render_all(runs: Sequence[Run], kind: str) -> str:
    """Return one report of several runs; raise UsageError for a kind that shows only one, or that does not exist."""
    if kind == "matrix":
        return matrix(runs)
    if kind not in _RENDERERS:
        message = f"no such kind of report: {kind} (there are: {', '.join(ALL_KINDS)})"
        raise UsageError(message)
    if len(runs) > 1 and kind not in _ADDABLE:
        message = f"a report of kind {kind} shows one run"
        raise UsageError(message, hint="Several runs fit into: matrix, markdown, github, text.")
    return "\n".join(render(run, kind) for run in runs)


__all__ = [
    "ALL_KINDS",
    "DIFF_KINDS",
    "KINDS",
    "Difference",
    "compare",
    "render",
    "render_all",
    "render_diff",
    "show",
]
