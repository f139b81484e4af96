"""How a scripted job ends, in the dialect's words: states that no example shows, codes and messages of failures."""

from collections.abc import Iterable
from typing import Any

from vidspec.contract.model import Dialect, Surface
from vidspec.errors import UsageError
from vidspec.mock.course import steps_of
from vidspec.mock.job import Job
from vidspec.source import join_pointer, pointer_get, pointer_set, split_pointer

#: What every job can come to, whether or not the dialect has a word for it.
_ALWAYS = frozenset({"queued", "in_progress", "completed", "failed"})


def unsayable(script: str, surface: Surface) -> str | None:
    """Return the first state of a script that the surface has no word for, None if it can say them all."""
    states = (step.state for step in steps_of(script))
    return next((s for s in states if s not in _ALWAYS and not surface.words(s)), None)


def unsaid(script: str, name: str, dialect: Dialect) -> UsageError | None:
    """Return why the dialect's jobs cannot take that course in any of their surfaces, None if they can in one.

    Raises UsageError for a script that is none.
    """
    made = {o.surface for o in dialect.operations if o.role == "create"}
    surfaces = [dialect.surfaces[surface] for surface in sorted(made)]
    unknown = [unsayable(script, surface) for surface in surfaces]
    if not unknown or None in unknown:
        return None
    said = f"in the script {script.strip()!r}, {name} has no word for {unknown[0]!r}"
    return UsageError(said, hint=f"It has words for: {', '.join(words_of(surfaces))}.")


def words_of(surfaces: Iterable[Surface]) -> list[str]:
    """Return the states that can be said in any of the surfaces."""
    said = {state for surface in surfaces for state in surface.states.values() if state is not None}
    return sorted(_ALWAYS | said)


def tell_outcome(shown: Any, job: Job, surface: Surface, state: str, now: float) -> None:
    """Write the state's own word, and the reason of a failure, into a job object made from a nearby example."""
    words = surface.words(state)
    status = surface.job["status"].pointer
    word = pointer_get(shown, status, None)
    if words and surface.states.get(word) != state:
        pointer_set(shown, status, words[0])
    if state != "failed":
        return
    for name, text in zip(("error_code", "error_message"), job.reason(now), strict=True):
        field = surface.job.get(name)
        if field is None or text is None:
            continue
        holder = pointer_get(shown, join_pointer(*split_pointer(field.pointer)[:-1]), None)
        if isinstance(holder, dict):
            pointer_set(shown, field.pointer, text)
