"""From the folder ``spec/`` to a Contract."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from vidspec.contract.dialect import read_dialect
from vidspec.contract.lifecycle import load_lifecycle
from vidspec.contract.lint import lint_dialect
from vidspec.contract.meta import meta_problems
from vidspec.contract.model import Contract, Dialect
from vidspec.contract.operations import METHODS
from vidspec.contract.requirements import load_requirements
from vidspec.document import (
    Document,
    apply_overlay,
    load_document,
    second_opinion,
    validation_problems,
)
from vidspec.errors import SpecError, UsageError
from vidspec.resources import spec_root
from vidspec.source import Problem, join_pointer


def dialect_names(root: Path | None = None) -> tuple[str, ...]:
    """Return the names of the dialects that the specification holds, in name order."""
    folder = (root or spec_root()) / "dialects"
    return tuple(sorted(path.parent.name for path in folder.glob("*/openapi.yaml")))


def load_contract(
    root: Path | None = None,
    dialects: Collection[str] | None = None,
    *,
    lint: bool = False,
    reader: "DialectReader | None" = None,
) -> Contract:
    """Read the specification under ``root`` (the project's own by default).

    ``dialects`` narrows what is read; ``lint`` also validates OpenAPI and holds our own rules. A ``reader``, which
    knows itself whether it lints, shares what it reads with other callers.
    Raises SpecError with every problem found, UsageError for a dialect that does not exist.
    """
    base = root or spec_root()
    found, problems = _read(base, dialects, reader or DialectReader(base, lint=lint))
    # A specification of one's own may leave the lifecycle and the requirements to ours.
    lifecycle = _own_or_ours(base, "lifecycle.yaml")
    requirements = _own_or_ours(base, "requirements")
    try:
        read = load_lifecycle(lifecycle), load_requirements(requirements)
    except SpecError as error:
        problems += error.problems
    if problems:
        raise SpecError(problems)
    return Contract(lifecycle=read[0], dialects=found, requirements=read[1])


def load_dialects(
    root: Path | None = None, dialects: Collection[str] | None = None
) -> dict[str, Dialect]:
    """Read nothing of the specification but its dialects, which takes half as long as ``load_contract``; raise as it does."""
    base = root or spec_root()
    found, problems = _read(base, dialects, DialectReader(base))
    if problems:
        raise SpecError(problems)
    return found


def _read(
    base: Path, dialects: Collection[str] | None, reader: "DialectReader"
) -> tuple[dict[str, Dialect], list[Problem]]:
    """Return the dialects as far as they can be read, and what is wrong with the others."""
    known = dialect_names(base)
    if not known:
        message = f"no specification lies in {base}: it has no dialects/NAME/openapi.yaml"
        raise UsageError(message, hint="Begin one: vidspec new dialect NAME --output FOLDER")
    unknown = sorted(set(dialects or ()) - set(known))
    if unknown:
        message = f"no such dialect: {', '.join(unknown)} (there are: {', '.join(known)})"
        raise UsageError(message)
    problems: list[Problem] = []
    found: dict[str, Dialect] = {}
    for name in known if dialects is None else sorted(dialects):
        try:
            found[name] = reader.dialect(name)
        except SpecError as error:
            problems += error.problems
    return found, problems


class DialectReader:
    """Reads dialects of one specification, each only once."""

    def __init__(self, base: Path, *, lint: bool = False, thorough: bool = False) -> None:
        """Read below ``base``; ``thorough`` also asks a library whose opinion takes a second."""
        self._base = base
        self._lint = lint
        self._thorough = thorough
        self._documents: dict[str, Document] = {}
        self._dialects: dict[str, Dialect] = {}

    def document(self, name: str) -> Document:
        """Return the document of a dialect; raises SpecError with every problem found."""
        if name not in self._documents:
            path = self._base / "dialects" / name / "openapi.yaml"
            document = load_document(path, root=self._base, validate=self._lint)
            self._ask_library(document)
            self._documents[name] = document
        return self._documents[name]

    def dialect(self, name: str) -> Dialect:
        """Return a dialect; raises SpecError with every problem found."""
        if name not in self._dialects:
            self._dialects[name] = understand(self.document(name), lint=self._lint)
        return self._dialects[name]

    def overlaid(self, name: str, overlay: Path) -> Dialect:
        """Return a dialect as an overlay changes it; raises SpecError with every problem found."""
        document = apply_overlay(self.document(name), overlay)
        if self._lint and (problems := validation_problems(document)):
            raise SpecError(problems)
        self._ask_library(document)
        return understand(document, lint=self._lint)

    def _ask_library(self, document: Document) -> None:
        if self._thorough and (problems := list(second_opinion(document))):
            raise SpecError(problems)


def load_dialect(path: Path, *, root: Path, lint: bool = False) -> Dialect:
    """Read one dialect document; raise SpecError with every problem found."""
    return understand(load_document(path, root=root, validate=lint), lint=lint)


def understand(document: Document, *, lint: bool = False) -> Dialect:
    """Turn a loaded document into a Dialect; raise SpecError with every problem found.

    Without ``lint`` the document is taken to be sound, until reading it stumbles: then it is held against all rules.
    """
    try:
        return _understand(document, lint=lint)
    except (AttributeError, LookupError, TypeError, ValueError):
        if problems := validation_problems(document):
            raise SpecError(problems) from None
        if not lint:
            _understand(document, lint=True)
        raise


def _understand(document: Document, *, lint: bool) -> Dialect:
    problems = extension_problems(document)
    if problems:
        raise SpecError(problems)
    dialect = replace(read_dialect(document.data), files=document.files)
    if lint:
        problems = lint_dialect(dialect, document)
        if problems:
            raise SpecError(problems)
    return dialect


def extension_problems(document: Document) -> list[Problem]:
    """Hold every ``x-video-…`` extension of the document against its schema in ``spec/meta/``."""
    data, locate = document.data, document.locate
    if "x-video-dialect" not in data:
        return [
            Problem(
                rule="x-video-dialect",
                message="the document does not say which dialect it is",
                location=locate(""),
                hint="Add the root extension x-video-dialect (spec/meta/x-video-dialect.schema.yaml).",
            )
        ]
    problems = meta_problems("x-video-dialect", data["x-video-dialect"], locate, "/x-video-dialect")
    for path, item in data.get("paths", {}).items():
        for method in METHODS:
            if method not in item:
                continue
            place = join_pointer("paths", path, method, "x-video-operation")
            if "x-video-operation" not in item[method]:
                problems.append(
                    Problem(
                        rule="x-video-operation",
                        message=f"{method.upper()} {path} does not say what it does to a job",
                        location=locate(place.rsplit("/", 1)[0]),
                        hint="Add x-video-operation with a role (role: other if there is none).",
                    )
                )
            else:
                problems += meta_problems(
                    "x-video-operation", item[method]["x-video-operation"], locate, place
                )
    for place, value in _parameter_extensions(data):
        problems += meta_problems("x-video-parameter", value, locate, place)
    return problems


def _parameter_extensions(data: object, pointer: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if isinstance(data, dict):
        for key, value in data.items():
            place = pointer + join_pointer(str(key))
            if key == "x-video-parameter":
                found.append((place, value))
            elif key not in {"example", "examples"}:
                found += _parameter_extensions(value, place)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += _parameter_extensions(value, f"{pointer}/{index}")
    return found


def _own_or_ours(base: Path, name: str) -> Path:
    own = base / name
    return own if own.exists() else spec_root() / name
