"""Large bodies: what they hold is bounded before anything is built, and what all of them hold together."""

import itertools
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidspec.contract import Contract
from vidspec.mock import Limits, MockGateway, running
from vidspec_server._runtime.bounds import ValueCount, count_values
from vidspec_server._runtime.document import Document
from vidspec_server._runtime.errors import ServiceError

KEY = {"authorization": "Bearer any"}
JSON = KEY | {"content-type": "application/json"}
FORM = KEY | {"content-type": "multipart/form-data; boundary=b"}
MANY = json.dumps({f"k{n}": n for n in range(300_000)}).encode()

#: Texts with everything that may be taken for the end of one.
TEXTS = st.text('a,:[]{}"\\\n', max_size=8)
DOCUMENTS = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=30,
)


def values(document: Any) -> int:
    """Count as the bound does: an empty list or object is two."""
    if isinstance(document, list | dict):
        inner = document.values() if isinstance(document, dict) else document
        return 1 + (sum(map(values, inner)) or 1)
    return 1


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.lists(st.integers(0, 400), max_size=6))
def test_values_are_counted_without_building(document: Any, cuts: list[int]) -> None:
    """However the text is cut into pieces, exactly its values are counted, and nothing that stands in strings."""
    text = json.dumps(document).encode()
    ends = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(ends)]

    def count(most: int) -> None:
        counted = ValueCount(most)
        for piece in pieces:
            counted.more(piece)

    exact = values(document)
    count(exact)
    count_values(text, exact)
    with pytest.raises(ServiceError, match="more than"):
        count(exact - 1)
    with pytest.raises(ServiceError, match="more than"):
        count_values(text, exact - 1)


@pytest.mark.parametrize(
    ("dialect", "path", "status", "envelope"),
    [("openai", "/videos", 413, "error"), ("kling", "/v1/videos/text2video", 400, "code")],
)
def test_many_values_are_refused_unbuilt(
    contract: Contract,
    monkeypatch: pytest.MonkeyPatch,
    dialect: str,
    path: str,
    status: int,
    envelope: str,
) -> None:
    """A document of 300 000 members is refused in the dialect's envelope, and nobody has parsed it."""
    built: list[int] = []

    def parse(data: bytes, **_: Any) -> Any:
        built.append(len(data))

    monkeypatch.setattr("vidspec_server._runtime.forms.from_json", parse)
    with running(dialect, contract=contract) as gateway:
        reply = httpx2.post(gateway.base_url + path, content=MANY, headers=JSON)

    assert reply.status_code == status
    assert envelope in reply.json()
    assert "10000 values" in reply.text
    assert built == []


@pytest.mark.parametrize("name", ["prompt", "metadata"])
def test_form_holds_no_more_values_than_a_document(contract: Contract, name: str) -> None:
    """JSON in a field of a form is bounded too, whether its part says so or not."""
    body = b'--b\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--\r\n'
    with running("openai", contract=contract) as gateway:
        sent = body % (name.encode(), b"[" + b"1," * 20_000 + b"1]")
        reply = httpx2.post(f"{gateway.base_url}/videos", content=sent, headers=FORM)

    assert (reply.status_code, "values" in reply.text) == (413, True)


def test_long_texts_are_let_through(contract: Contract) -> None:
    """Commas of a prompt are no values, however many there are."""
    prompt = "a, " * 9_000 + '"{[' * 500
    with running("openai", contract=contract) as gateway:
        made = httpx2.post(f"{gateway.base_url}/videos", json={"prompt": prompt}, headers=KEY)
        assert made.json()["prompt"] == prompt, made.text


def test_huge_value_is_not_shown(contract: Contract) -> None:
    """A refusal says what is wrong with a huge value without repeating it."""
    with running("openai", contract=contract) as gateway:
        body = {"prompt": "x" * 100_000}
        reply = httpx2.post(f"{gateway.base_url}/videos", json=body, headers=KEY)

    assert reply.json()["error"]["message"] == "The value is longer than 32000 characters"
    assert reply.json()["error"]["param"] == "prompt"


def upload(gateway: MockGateway, size: int) -> tuple[socket.socket, bytes]:
    """Begin to upload a file; return the connection and the rest of the body."""
    head = (
        b'--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na kite\r\n--b\r\n'
        b'content-disposition: form-data; name="input_reference"; filename="a.png"\r\n'
        b"content-type: image/png\r\n\r\n\x89PNG"
    )
    body = head + bytes(size) + b"\r\n--b--\r\n"
    parts = urlsplit(gateway.base_url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
    connection.sendall(
        f"POST {parts.path}/videos HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-length: {len(body)}\r\n".encode()
        + b"".join(f"{name}: {value}\r\n".encode() for name, value in FORM.items())
        + b"\r\n"
        + body[:-10]
    )
    return connection, body[-10:]


def answered(connection: socket.socket) -> tuple[int, str]:
    """Return the status of the reply and its text."""
    text = b""
    while not text.endswith(b"}"):
        text += connection.recv(65536)
    return int(text.split()[1]), text.decode()


def held(gateway: MockGateway, size: int) -> None:
    """Wait until so much is held, about."""
    deadline = time.monotonic() + 20
    while abs(gateway.app.in_flight.held - size) > 2_000:
        assert time.monotonic() < deadline, gateway.app.in_flight.held
        time.sleep(0.01)


def test_uploads_are_bounded_together(contract: Contract) -> None:
    """While one upload is under way another is told to come back; then it is let in, and nothing stays held."""
    limits = Limits(in_flight=300_000)
    with running("openai", contract=contract, limits=limits) as gateway:
        first, rest = upload(gateway, 200_000)
        held(gateway, 200_000)
        second, _ = upload(gateway, 200_000)
        code, text = answered(second)
        assert (code, "retry-after: 1" in text.lower()) == (503, True)
        assert '"error"' in text
        assert gateway.journal.invalid == {}
        assert httpx2.get(f"{gateway.base_url}/videos", headers=KEY).status_code == 200
        first.sendall(rest)
        assert answered(first)[0] == 200
        held(gateway, 0)
        third, rest = upload(gateway, 200_000)
        held(gateway, 200_000)
        third.close()
        held(gateway, 0)
        fourth, rest = upload(gateway, 200_000)
        fourth.sendall(rest)
        assert answered(fourth)[0] == 200
        assert gateway.app.in_flight.held == 0
        for connection in (first, second, fourth):
            connection.close()


def test_limits_may_be_set(contract: Contract) -> None:
    """Documents are as long and as full as the mock is told to let them be."""
    with running("openai", contract=contract, limits=Limits(json=1_000)) as gateway:
        body = {"prompt": "x" * 2_000}
        reply = httpx2.post(f"{gateway.base_url}/videos", json=body, headers=KEY)
        assert (reply.status_code, "1000 bytes" in reply.text) == (413, True)
    with running("openai", contract=contract, limits=Limits(values=10**9)) as gateway:
        reply = httpx2.post(f"{gateway.base_url}/videos", content=MANY[:200_000], headers=JSON)
        assert "Not valid JSON" in reply.text


LONG = "a" * 100_000
TEXTS_OF_ALL_KINDS: dict[str, Any] = {
    "ends": {"type": "string", "pattern": "^a*b$"},
    "long": {"type": "string", "minLength": 90_000, "maxLength": 150_000},
    "short": {"type": "string", "maxLength": 10},
    "word": {"enum": ["a", "b"]},
    "unlike": {"type": "array", "uniqueItems": True},
    "either": {"anyOf": [{"type": "string", "pattern": "b$"}, {"type": "integer"}]},
}


@pytest.mark.parametrize(
    ("value", "param", "message"),
    [
        ({"ends": LONG + "b"}, None, ""), ({"ends": LONG}, "ends", "does not match"),
        ({"long": LONG}, None, ""), ({"long": LONG * 2}, "long", "longer than 150000"),
        ({"long": "a" * 80_000}, "long", "shorter than 90000"), ({"short": LONG}, "short", "longer than 10"),
        ({"word": LONG}, "word", "one of"), ({"unlike": [LONG + "b", LONG]}, None, ""),
        ({"unlike": [LONG, LONG]}, "unlike", "non-unique"), ({"either": LONG + "b"}, None, ""),
        ({"either": LONG}, "either", ""), ({"ends": LONG + "b", "word": 1}, "word", "one of"),
    ],
)  # fmt: skip
def test_a_large_value_is_judged_as_a_small_one(
    value: Any, param: str | None, message: str
) -> None:
    """Whatever is looked at first: what is wrong only at the end of a long text is found, and nothing else is."""
    document = Document({"schema": {"type": "object", "properties": TEXTS_OF_ALL_KINDS}})

    found = [
        document.violation("/schema", value, files=False, large=large) for large in (False, True)
    ]

    assert [param, param] == [violation and violation.param for violation in found]
    assert message in (found[1].message if found[1] else "")


def test_what_shows_in_a_short_text_is_told_without_the_long_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Errors hold copies: none is made of a text of many megabytes where its beginning says enough."""
    document = Document({"schema": {"type": "object", "properties": TEXTS_OF_ALL_KINDS}})
    validator, longest = document._validator("/schema", large=True), list[int]()

    class Watched:
        def is_valid(self, value: Any) -> bool:
            raise AssertionError(len(value))

        def iter_errors(self, value: Any) -> Any:
            longest.append(max(map(len, value.values())))
            return validator.iter_errors(value)

    monkeypatch.setattr(document, "_validator", lambda *_, **__: Watched())

    assert document.violation("/schema", {"short": LONG}, files=False, large=True) is not None
    assert longest == [64 * 1024]
