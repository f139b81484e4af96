"""A draft held against our own rules: what follows from it is drafted too, and what a person must decide is told."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from vidspec.contract.load import understand
from vidspec.diff.adopt import Adoption
from vidspec.diff.draft import path_of
from vidspec.document import Document, apply_overlay, load_document, validation_problems
from vidspec.errors import SpecError
from vidspec.source import Location, Problem, join_pointer, split_pointer

#: What mends one thing may show the next: a field that goes, a rule that can be asked then.
_ROUNDS: Final = 5
#: A job that has not even these cannot be followed: whether it is one is for a person.
_NEEDED: Final = frozenset({"id", "status"})
_BOUNDS: Final = ("minimum", "maximum")


def settle(found: Adoption, base: Path) -> Adoption:
    """Return the adoption with a draft from which what leads nowhere any more is gone, and with what is left to do.

    ``base`` is the specification in which the dialect stands. Raises SpecError if the dialect itself is wrong.
    """
    if found.overlay is None:
        return found
    path = base / "dialects" / found.diff.old / "openapi.yaml"
    document = load_document(path, root=base, validate=False)
    actions: list[dict[str, Any]] = list(found.overlay["actions"])
    problems: list[Problem] = []
    places: dict[Location | None, str] = {}
    for _ in range(_ROUNDS):
        places, problems = _judged(document, {**found.overlay, "actions": actions})
        mended = _mended(actions, [(p, places.get(p.location)) for p in problems])
        if mended == actions:
            break
        actions = mended
    told = tuple(_told(problem, places.get(problem.location), base) for problem in problems)
    if not actions:
        return replace(found, overlay=None, todo=told)
    return replace(found, overlay={**found.overlay, "actions": actions}, todo=told)


def _judged(
    document: Document, overlay: dict[str, Any]
) -> tuple[dict[Location | None, str], list[Problem]]:
    """Return where everything of the changed document stands, and what our rules say of it."""
    if not overlay["actions"]:
        return {}, []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draft.overlay.yaml"
        file.write_text(yaml.safe_dump({**overlay, "extends": str(document.path.resolve())}))
        changed = apply_overlay(document, file)
        places: dict[Location | None, str] = {
            changed.locate(pointer): pointer for pointer in _pointers(changed.data)
        }
        problems = validation_problems(changed)
        if not problems:
            try:
                understand(changed, lint=True)
            except SpecError as error:
                problems = error.problems
    return places, list(problems)


def _pointers(value: Any, at: str = "") -> Iterator[str]:
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _pointers(inner, at + join_pointer(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _pointers(inner, at + join_pointer(number))


def _mended(
    actions: list[dict[str, Any]], problems: list[tuple[Problem, str | None]]
) -> list[dict[str, Any]]:
    """Return the actions and those that follow from them."""
    more: list[dict[str, Any]] = []
    undone: set[str] = set()
    for problem, pointer in problems:
        if pointer is None:
            continue
        *holder, last = split_pointer(pointer) or ("",)
        leads_nowhere = problem.rule == "link-target" or (
            problem.rule == "job-pointer" and holder[-1:] == ["job"] and last not in _NEEDED
        )
        if leads_nowhere:
            said = f"Follows from the above: {problem.message}."
            more.append({"target": path_of(pointer), "description": said, "remove": True})
        elif problem.rule == "time-bounds":
            # Their document says no bounds, which contradicts ours in nothing.
            undone |= {path_of(pointer + join_pointer(bound)) for bound in _BOUNDS}
    kept = [a for a in actions if not (a.get("remove") and a["target"] in undone)]
    known = {a["target"] for a in kept if a.get("remove")}
    return kept + [action for action in more if action["target"] not in known]


def _told(problem: Problem, pointer: str | None, base: Path) -> str:
    place = path_of(pointer) if pointer else "somewhere"
    if problem.location is not None:
        file = Path(problem.location.file).resolve()
        beside = file.is_relative_to(base.resolve())
        name = f"../{file.relative_to(base.resolve())}" if beside else file.name
        place = f"{place} ({name}:{problem.location.line})"
    return f"{place}: {problem.message} [{problem.rule}]"
