"""Holding one reply against the document: status, media type, shape; each misfit named by its requirement."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vidspec.contract import Dialect, Operation, Surface
from vidspec.contract.model import Reply as Documented
from vidspec.contract.schemas import Validators, resolve
from vidspec.source import MISSING, join_pointer, split_pointer

_TIMES: Final = frozenset({"created_at", "updated_at", "completed_at", "expires_at"})
#: Characters of a value that is shown.
_MOST_SHOWN: Final = 160
#: A misfit at a canonical job field is that field's own requirement, whatever the keyword.
_FIELDS: Final[Mapping[str, str]] = {
    "id": "create-id",
    "status": "retrieve-status-known",
    "progress": "retrieve-progress-range",
    "seconds": "retrieve-seconds-type",
    "output_urls": "content-result-url",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One violation: the requirement it breaks, and what the document and the reply say."""

    requirement: str
    expected: str
    received: str


class Judge:
    """Judges replies by the dialect's document alone."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._validators = Validators(dialect.document)

    def success(self, operation: Operation, status: int, body: Any) -> list[Misfit]:
        """Validate the JSON body of a 2xx reply; an undocumented status is held against the documented success."""
        reply = operation.reply(status) or operation.success
        return [
            self._success_misfit(operation, place, error)
            for place, error in self._errors(reply, body)
        ]

    def failure(
        self, operation: Operation, status: int, body: Any, messages: Iterable[str]
    ) -> list[Misfit]:
        """Validate the JSON body of an error reply, whose words may stand at ``messages``; all documented errors of an operation have one shape."""
        reply = operation.reply(status)
        if reply is None or reply.ok:
            reply = next((r for r in operation.replies if not r.ok), None)
        if reply is None:
            return []
        named: dict[str | None, str] = dict.fromkeys(messages, "errors-message")
        named[self._dialect.request_id_pointer] = "transport-error-request-id"
        given = {} if body is MISSING else body
        found = [
            (_where(place, error), place, error) for place, error in self._errors(reply, given)
        ]
        # Another shape altogether is one misfit, not one for each part that it lacks.
        strange = any(where not in named for where, _, _ in found)
        return [
            Misfit(
                "errors-envelope" if strange else named[where],
                _envelope(operation, status)
                if strange
                else f"an error of the documented shape ({reply.status})",
                _beginning(body) if strange else f"{error.message} at {place or 'the top'}",
            )
            for where, place, error in found
        ]

    def headers(
        self, operation: Operation, status: int, headers: Mapping[str, str]
    ) -> list[Misfit]:
        """Look for the headers that the document requires."""
        reply = operation.reply(status)
        return [
            Misfit("schema-types", f"the header {header.name}", "no such header")
            for header in (reply.headers if reply else ())
            if header.required and header.name.lower() not in headers
        ]

    def _errors(self, reply: Documented, body: Any) -> Iterator[tuple[str, Any]]:
        content = reply.content("application/json")
        if content is None or content.schema_pointer is None or content.binary:
            return
        for error in self._validators.at(content.schema_pointer).iter_errors(body):
            yield join_pointer(*error.instance_path), error

    def _success_misfit(self, operation: Operation, place: str, error: Any) -> Misfit:
        keyword, where = type(error.kind).__name__, _where(place, error)
        surface = self._dialect.surfaces[operation.surface]
        requirement = self._requirement(operation, surface, where, keyword, error)
        return Misfit(requirement, *_words(keyword, where or "the top", error))

    def _requirement(
        self, operation: Operation, surface: Surface, where: str, keyword: str, error: Any
    ) -> str:
        if where == self._dialect.request_id_pointer:
            return "transport-request-id"
        if keyword == "Required":
            return "schema-required"
        name = field_at(operation, surface, where)
        if name in _TIMES and error.instance is not None:
            return "retrieve-times-unit"
        return _FIELDS.get(name or "", "schema-types")


def _envelope(operation: Operation, status: int) -> str:
    """Return what an error of an operation looks like: that of the status, if there is one."""
    causes = sorted(operation.causes.values(), key=lambda cause: cause.status != status)
    return f"an error like {_beginning(causes[0].body)}" if causes else "a documented error"


def _words(keyword: str, where: str, error: Any) -> tuple[str, str]:
    """Say of a violation what the document asks for, and what the reply has there; short, for the commonest."""
    shown, kind = _beginning(error.instance), error.kind
    if keyword == "Required":
        return f"a value at {where}", "no such field"
    if keyword == "Type":
        return f"{' or '.join(kind.types)} at {where}", shown
    if keyword == "Enum":
        return f"{' or '.join(json.dumps(option) for option in kind.options)} at {where}", shown
    if keyword == "Constant":
        return f"{json.dumps(kind.expected_value)} at {where}", shown
    return f"{where} as documented", f"{error.message} at {where}"


def _beginning(value: Any) -> str:
    """Return a JSON value as text, cut where it is long."""
    if value is MISSING:
        return "a body that is not JSON"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def field_at(operation: Operation, surface: Surface, where: str) -> str | None:
    """Return the canonical job field that stands at a place of a reply, or None."""
    segments = split_pointer(where)
    if operation.job is not None:
        home = split_pointer(operation.job)
    elif operation.items is not None:
        home = (*split_pointer(operation.items), "*")
    else:
        return None
    if len(segments) < len(home) or not _same(segments[: len(home)], home):
        return None
    inside = segments[len(home) :]
    return next(
        (
            name
            for name, place in surface.job.items()
            if len(split_pointer(place.pointer)) == len(inside)
            and _same(inside, split_pointer(place.pointer))
        ),
        None,
    )


def media_types(operation: Operation, status: int) -> tuple[str, ...]:
    """Return the documented media types of a reply, or of the documented success where the status is none."""
    reply = operation.reply(status) or operation.success
    return tuple(content.media_type.lower() for content in reply.contents)


def binary(operation: Operation) -> bool:
    """Say whether the operation answers with bytes."""
    return any(content.binary for content in operation.success.contents)


def _where(place: str, error: Any) -> str:
    """Return what an error is about: of a missing property, the place where it should stand."""
    if type(error.kind).__name__ == "Required":
        return place + join_pointer(error.kind.property)
    return place


def _same(segments: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return all(wanted in ("*", segment) for segment, wanted in zip(segments, pattern, strict=True))


def constraint(dialect: Dialect, pointer: str, keyword: str) -> Any:
    """Return the value of a JSON Schema keyword at a field, or None."""
    return resolve(dialect.document, pointer)[0].get(keyword)
