"""Reading ``spec/requirements/*.yaml``."""

from pathlib import Path
from typing import Any

from vidspec.contract.meta import meta_problems
from vidspec.contract.model import Requirement
from vidspec.document import load_yaml
from vidspec.errors import SpecError
from vidspec.source import Location, Problem


def load_requirements(folder: Path) -> tuple[Requirement, ...]:
    """Read every chapter in name order; raise SpecError with every problem found."""
    problems: list[Problem] = []
    found: dict[str, tuple[Requirement, Location]] = {}
    for path in sorted(folder.glob("*.yaml")):
        value, locate = load_yaml(path)
        complaints = meta_problems("requirement", value, locate)
        problems += complaints
        if complaints:
            continue
        for index, entry in enumerate(value["requirements"]):
            location = locate(f"/requirements/{index}/id")
            requirement = _requirement(value["chapter"], entry)
            problems += _misfits(requirement, found, location)
            found[requirement.id] = (requirement, location)
    if problems:
        raise SpecError(problems)
    return tuple(requirement for requirement, _ in found.values())


def _misfits(
    requirement: Requirement, found: dict[str, tuple[Requirement, Location]], location: Location
) -> list[Problem]:
    problems = []
    if requirement.id in found:
        problems.append(
            Problem(
                rule="requirement-id",
                message=f"'{requirement.id}' is taken at {found[requirement.id][1]}",
                location=location,
            )
        )
    if not requirement.id.startswith(requirement.chapter + "-"):
        problems.append(
            Problem(
                rule="requirement-id",
                message=f"'{requirement.id}' does not begin with its chapter '{requirement.chapter}-'",
                location=location,
            )
        )
    if f" {requirement.level} " not in f" {requirement.sentence} ":
        problems.append(
            Problem(
                rule="requirement-level",
                message=f"the sentence of '{requirement.id}' does not say {requirement.level}",
                location=location,
            )
        )
    return problems


def _requirement(chapter: str, entry: dict[str, Any]) -> Requirement:
    return Requirement(
        id=entry["id"],
        chapter=chapter,
        level=entry["level"],
        sentence=entry["sentence"],
        dialects=tuple(entry.get("dialects", ())),
        needs=tuple(entry.get("needs", ())),
        source=entry["source"],
        test=entry.get("test", ""),
        excluded=entry.get("excluded"),
        fault=entry.get("fault"),
    )
