"""Rules on surfaces: pointers lead somewhere, status words are total, results can be fetched."""

from collections.abc import Iterator

from vidspec.contract.model import Dialect, Operation, Surface
from vidspec.contract.schemas import enum_at, resolve, schemas_at, types_at
from vidspec.document import Document
from vidspec.source import Problem, join_pointer

_TIMES = frozenset({"created_at", "updated_at", "completed_at", "expires_at"})


def job_rules(dialect: Dialect, document: Document) -> Iterator[Problem]:
    """Yield the problems of the dialect's surfaces."""
    defaults = [s.name for s in dialect.surfaces.values() if s.default]
    if len(defaults) != 1:
        yield Problem(
            rule="surface-default",
            message=f"exactly one surface is the default, not {len(defaults)}",
            location=document.locate("/x-video-dialect/surfaces"),
        )
        return
    for surface in dialect.surfaces.values():
        yield from _surface(dialect, surface, document)


def job_schemas(dialect: Dialect, operation: Operation) -> list[str]:
    """Return the document pointers of the schemas of the job object in the operation's success reply."""
    content = operation.success.content("application/json")
    if content is None or content.schema_pointer is None or operation.job is None:
        return []
    return schemas_at(dialect.document, content.schema_pointer, operation.job)


def _surface(dialect: Dialect, surface: Surface, document: Document) -> Iterator[Problem]:
    here = join_pointer("x-video-dialect", "surfaces", surface.name)
    retrieve = dialect.by_role("retrieve", surface.name)
    if retrieve is None:
        yield Problem(
            rule="surface-roles",
            message=f"the surface '{surface.name}' has no operation with the role retrieve",
            location=document.locate(here),
        )
        return
    if not any(r.ok for r in retrieve.replies):
        return
    jobs = job_schemas(dialect, retrieve)
    if not jobs:
        yield Problem(
            rule="job-pointer",
            message=f"{retrieve.id}: the schema has nothing at the job's place '{retrieve.job}'",
            location=document.locate(retrieve.pointer + "/x-video-operation"),
        )
        return
    yield from _fields(dialect, surface, jobs, document, here)
    yield from _words(dialect, surface, jobs, document, here)
    yield from _results(dialect, surface, jobs, document, here)


def _places(dialect: Dialect, jobs: list[str], pointer: str) -> list[str]:
    return [p for job in jobs for p in schemas_at(dialect.document, job, pointer)]


def _fields(
    dialect: Dialect, surface: Surface, jobs: list[str], document: Document, here: str
) -> Iterator[Problem]:
    created = dialect.by_role("create", surface.name)
    elsewhere = job_schemas(dialect, created) if created and _has_success(created) else []
    for name, field in surface.job.items():
        places = _places(dialect, jobs + elsewhere, field.pointer)
        place = document.locate(here + join_pointer("job", name))
        if not places:
            yield Problem(
                rule="job-pointer",
                message=f"'{field.pointer}' ({name}) leads nowhere in the job's schema",
                location=place,
            )
        elif name in _TIMES and field.unit is None:
            yield Problem(
                rule="job-unit",
                message=f"{name} is a time; say its unit (s, ms or iso8601)",
                location=place,
            )
        elif name in _TIMES and field.unit in {"s", "ms"}:
            yield from _bounds(dialect, places, document)


def _bounds(dialect: Dialect, places: list[str], document: Document) -> Iterator[Problem]:
    for place in places:
        if "integer" not in types_at(dialect.document, place):
            continue
        if not _bounded(dialect, place):
            yield Problem(
                rule="time-bounds",
                message="an integer that is a time needs minimum and maximum",
                location=document.locate(place),
                hint="Without bounds nobody notices milliseconds where seconds are meant.",
            )


def _bounded(dialect: Dialect, place: str) -> bool:
    schema, home = resolve(dialect.document, place)
    if {"minimum", "maximum"} <= schema.keys():
        return True
    return any(
        _bounded(dialect, home + join_pointer(combiner, str(index)))
        for combiner in ("oneOf", "anyOf", "allOf")
        for index in range(len(schema.get(combiner, ())))
    )


def _words(
    dialect: Dialect, surface: Surface, jobs: list[str], document: Document, here: str
) -> Iterator[Problem]:
    words: set[str] = set()
    for place in _places(dialect, jobs, surface.job["status"].pointer):
        closed = enum_at(dialect.document, place)
        if closed is None:
            yield Problem(
                rule="status-enum",
                message="the status words are not listed",
                location=document.locate(place),
                hint="Write them as an enum; clients read it as open.",
            )
        else:
            words |= {word for word in closed if isinstance(word, str)}
    where = here + join_pointer("states")
    for word in sorted(words - set(surface.states)):
        yield Problem(
            rule="status-total",
            message=f"the status word '{word}' has no canonical state",
            location=document.locate(where),
            hint=f"Add '{word}' under states.",
        )
    for word in sorted(set(surface.states) - words) if words else ():
        yield Problem(
            rule="status-total",
            message=f"'{word}' is no status word of the schema",
            location=document.locate(where + join_pointer(word)),
            hint=f"The schema lists: {', '.join(sorted(words))}.",
        )


def _results(
    dialect: Dialect, surface: Surface, jobs: list[str], document: Document, here: str
) -> Iterator[Problem]:
    for index, result in enumerate(surface.results):
        place = document.locate(here + f"/results/{index}")
        if result.kind == "endpoint":
            if dialect.by_role("content", surface.name) is None:
                yield Problem(
                    rule="result-endpoint",
                    message=f"the surface '{surface.name}' has no operation with the role content",
                    location=place,
                )
        elif result.pointer is None or not _places(dialect, jobs, result.pointer):
            yield Problem(
                rule="result-pointer",
                message=f"'{result.pointer}' leads nowhere in the job's schema",
                location=place,
            )


def _has_success(operation: Operation) -> bool:
    return any(reply.ok for reply in operation.replies)
