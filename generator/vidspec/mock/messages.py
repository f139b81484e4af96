"""What a webhook says and how it is signed: the specification's example of the event, with the job's own values."""

import base64
import binascii
import hashlib
import hmac
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from vidspec.contract.model import Dialect, JobField, Surface, Webhooks
from vidspec.contract.schemas import schemas_at, types_at
from vidspec.errors import UsageError
from vidspec.mock.facts import ECHOES
from vidspec.mock.identity import id_maker
from vidspec.mock.outbox import Message
from vidspec.mock.render import JobReplies
from vidspec.mock.templates import JobTemplate
from vidspec.mock.wire import wire_value
from vidspec.source import join_pointer, pointer_get, pointer_set

_BODY: Final = ("requestBody", "content", "application/json")


class Messages:
    """Writes the messages of one surface."""

    def __init__(self, dialect: Dialect, surface: Surface) -> None:
        """Work out which states are told; none are, where the document describes no messages."""
        self._surface = surface
        self._events: dict[str, _Event] = {}
        self._replies: JobReplies | None = None
        if dialect.webhooks is not None:
            self._events = {e.state: e for e in _events(dialect, dialect.webhooks, surface)}
        elif _has_callback(dialect, surface):
            # The document's callback is the job as a retrieve shows it, without what is around it.
            retrieve = dialect.by_role("retrieve", surface.name)
            if retrieve is not None and retrieve.job is not None:
                self._replies, self._job = JobReplies(dialect, retrieve), retrieve.job

    def tells(self, state: str) -> bool:
        """Say whether there is a message for that state."""
        return state in self._events or (
            self._replies is not None and state in self._replies.states()
        )

    @property
    def speaks(self) -> bool:
        """Whether there are messages at all."""
        return bool(self._events) or self._replies is not None

    def message(self, job_id: str, state: str, facts: Mapping[str, Any], wall: float) -> Message:
        """Return the message that the job is in ``state`` since ``wall`` (seconds since 1970)."""
        identity = f"msg_{random.getrandbits(96):024x}"
        if self._replies is not None:
            job = pointer_get(self._replies.render(state, facts), self._job)
            return Message(identity, state, job_id, json.dumps(job), {})
        event = self._events[state]
        body, headers = event.fill(job_id, facts, wall)
        return Message(identity, event.type, job_id, json.dumps(body), headers)


class _Event:
    """One type of event, ready to be filled in."""

    def __init__(
        self, dialect: Dialect, surface: Surface, info: Webhooks, pointer: str, example: Any
    ) -> None:
        self._info, self._surface, self._example = info, surface, example
        self.type = str(pointer_get(example, info.type))
        self.state = info.events[self.type]
        self._id = str(pointer_get(example, info.job_id))
        # The job's id stands inside what is, as far as it goes, the job.
        holder = info.job_id.removesuffix(surface.job["id"].pointer)
        self._holder = holder if holder != info.job_id else None
        content = join_pointer(*_BODY, "schema")
        if self._holder is not None:
            places = schemas_at(dialect.document, pointer + content, self._holder)
            self._job = JobTemplate(
                dialect, surface, pointer_get(example, self._holder), next(iter(places), None)
            )
        time = schemas_at(dialect.document, pointer + content, info.created_at or "")
        self._time_types = {t for place in time for t in types_at(dialect.document, place)}
        parameters = pointer_get(dialect.document, pointer).get("parameters", [])
        signed = {info.signature_header, info.timestamp_header, info.id_header}
        self._headers = {
            said["name"]: str(said["example"])
            for parameter in parameters
            for said in [_resolved(dialect, parameter)]
            if said["in"] == "header" and said["name"] not in signed and "example" in said
        }

    def fill(
        self, job_id: str, facts: Mapping[str, Any], wall: float
    ) -> tuple[Any, dict[str, str]]:
        """Return the body, and the headers that are not the signature's."""
        info = self._info
        body = json.loads(json.dumps(self._example).replace(self._id, job_id))
        if self._holder is not None:
            told = {name: value for name, value in facts.items() if name not in ECHOES}
            pointer_set(body, self._holder, self._job.fill(told))
        pointer_set(body, info.job_id, job_id)
        if info.event_id is not None:
            pointer_set(body, info.event_id, id_maker(str(pointer_get(body, info.event_id)))())
        if info.created_at is not None:
            sample = pointer_get(body, info.created_at)
            place = JobField(
                "created_at", info.created_at, "iso8601" if isinstance(sample, str) else "s"
            )
            written = wire_value(place, wall, sample, self._time_types)
            pointer_set(body, info.created_at, written)
        return body, {n: self._played(text, job_id) for n, text in self._headers.items()}

    def _played(self, text: str, job_id: str) -> str:
        """Return a header's example with the job's own id, and the word of the event's state."""
        text = text.replace(self._id, job_id)
        word = next((w for w in self._surface.states if text.endswith(w)), None)
        own = self._surface.words(self.state)
        return text if word is None or not own else text.removesuffix(word) + own[0]


def signature(info: Webhooks, secret: str, message: Message, at: float) -> dict[str, str]:
    """Return the headers that sign the message at that moment; raise UsageError for a secret that cannot be one."""
    timestamp = str(int(at))
    said = {"{id}": message.id, "{timestamp}": timestamp}
    before, _, after = info.signed.partition("{body}")
    for place, value in said.items():
        before, after = before.replace(place, value), after.replace(place, value)
    signed = before.encode() + message.body.encode() + after.encode()
    digest = hmac.new(signing_key(info, secret), signed, hashlib.sha256).digest()
    written = base64.b64encode(digest) if info.encoding == "base64" else binascii.hexlify(digest)
    text = info.signature_format.replace("{signature}", written.decode())
    headers = {info.signature_header: text.replace("{timestamp}", timestamp)}
    if info.timestamp_header is not None:
        headers[info.timestamp_header] = timestamp
    if info.id_header is not None:
        headers[info.id_header] = message.id
    return headers


def signing_key(info: Webhooks, secret: str) -> bytes:
    """Return the key in a secret; raise UsageError for one that cannot be."""
    coded = secret.removeprefix(info.key_prefix)
    if info.key_encoding == "raw" or (info.key_prefix and coded == secret):
        key = coded.encode()
    else:
        try:
            key = base64.b64decode(coded, validate=True)
        except binascii.Error:
            key = b""
    if not key:
        message = "this webhook secret cannot be one"
        raise UsageError(message)
    return key


def _events(dialect: Dialect, info: Webhooks, surface: Surface) -> Iterator[_Event]:
    for name in dialect.document.get("webhooks", {}):
        pointer = join_pointer("webhooks", name, "post")
        content = pointer_get(dialect.document, pointer + join_pointer(*_BODY), {})
        for example in content.get("examples", {}).values():
            if pointer_get(example["value"], info.type, None) in info.events:
                yield _Event(dialect, surface, info, pointer, example["value"])


def _has_callback(dialect: Dialect, surface: Surface) -> bool:
    operations = [o for o in dialect.operations if o.surface == surface.name]
    return any("callbacks" in pointer_get(dialect.document, o.pointer) for o in operations)


def _resolved(dialect: Dialect, parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = parameter.get("$ref")
    found: Mapping[str, Any] = (
        parameter
        if reference is None
        else pointer_get(dialect.document, reference.removeprefix("#"))
    )
    return found
