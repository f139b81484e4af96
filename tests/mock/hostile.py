"""A small grammar of requests that nobody ought to send, for every operation of a dialect."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mock.player import sample
from vidspec.contract import Body, Dialect, Operation
from vidspec.source import pointer_set

#: JSON that stands in the place of a value: wrong types, numbers that are none, texts that are no text.
VALUES: Final = (
    "null", "true", "-1", "0", "1.5", "9999999999", "1" + "0" * 400, "-1e308", "1e999", "NaN", "Infinity",
    '""', '"NaN"', '"-inf"', '"1e999"', '"\u00b2"', '"\u0667"', '"9999999999"', '"99999x99999"',
    r'"\ud800"', r'"\u0000"', '"[moderated]"', "[]", "[null]", "{}", '{"": null}', '{"id": ["x"]}',
    "[" * 40 + "]" * 40, "[" * 5000 + "]" * 5000,
)  # fmt: skip
#: The same for a field of a form, where everything is text.
TEXTS: Final = (
    b"", b"null", b"NaN", b"1" + b"0" * 400, b"1e999", b"-1", b"[]", b"[null]", b'{"": null}', b"{",
    b"[" * 5000, b"\x00", b"\xff\xfe", b"\xed\xa0\x80", "\u0667".encode(),
)  # fmt: skip
#: How the names of a form's fields are spelt so that they clash, nest or mean nothing.
SPELLINGS: Final = ("{0}[]", "{0}[a]", "{0}[0]", "{0}[a][b][]", "{0}[", "[{0}]", "{0}" + "[x]" * 20)
FILE: Final = b'; filename="%s"\r\ncontent-type: %s'
#: What may stand behind the name of a part: text, text with a type, files with and without name and type.
KINDS: Final = (
    b"", b"\r\ncontent-type: application/json", b"\r\ncontent-type: text/plain; charset=utf-16",
    FILE % (b"a.png", b"image/png"), FILE % (b"", b"image/png"), FILE % (b"a.mp4", b"video/mp4"),
    b"\r\ncontent-type: image/png", b'; filename="a"', b'; filename="\xff"', FILE % (b"a", b"\xff"),
    FILE % (b"a", b"application/json"),
)  # fmt: skip
TYPES: Final = (
    None, b"", b"application/json", b"application/json; charset=utf-16", b"APPLICATION/JSON;;;", b"text/plain",
    b"multipart/form-data", b"multipart/form-data; boundary=", b"multipart/form-data; boundary=\xff",
    b"multipart/form-data; boundary=" + b"x" * 300, b"application/x-www-form-urlencoded", b"\xff/\xff", b";",
)  # fmt: skip
METHODS: Final = ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "GET", "POST", "QUERY", "x")
QUERIES: Final = (
    b"limit=-1&page=0", b"limit=1e999&after=%00", b"limit=%FF", b"limit=" + b"9" * 400, b"limit=1&limit=2",
    b"limit[]=1&limit[a]=2", b"after[a][b]=1&order[]=x", b"&&&=&%=%zz", b"order=\xff", b"page=%D9%A7&page_size=%C2%B2",
)  # fmt: skip
FORM: Final = b"multipart/form-data; boundary=b"
JSON: Final = b"application/json"
_MARK: Final = "\ue000"


@dataclass(frozen=True)
class Asked:
    """One request, as it is sent."""

    method: str
    path: str
    query: bytes
    body: bytes
    #: The header ``content-type``, as often as it is given.
    types: tuple[bytes, ...] = ()


def requests(dialect: Dialect, prefix: str, job_id: str) -> Iterator[Asked]:
    """Yield every request of the grammar; paths begin with ``prefix`` and name that job."""
    for operation in dialect.operations:
        path, query = place(operation, dialect, prefix, job_id)
        for method in METHODS:
            yield Asked(method, path, query, b"")
        for more in QUERIES:
            joined = query + b"&" + more if query else more
            yield Asked(operation.method, path, joined, b"")
        for body in operation.bodies:
            for value, types in bodies(body):
                yield Asked(operation.method, path, query, value, types)


def place(operation: Operation, dialect: Dialect, prefix: str, job_id: str) -> tuple[str, bytes]:
    """Return path and query of a request to the operation, as far as it needs them."""
    path = prefix + operation.path
    said = [f"{name}={value}" for where, name, value in operation.fixed if where == "query"]
    for parameter in operation.parameters:
        if parameter.location == "path":
            is_job = parameter.canonical is not None and parameter.canonical.name == "job_id"
            value = job_id if is_job else str(sample(parameter.schema, dialect))
            path = path.replace(f"{{{parameter.name}}}", value)
        elif parameter.required and parameter.location == "query":
            said.append(f"{parameter.name}={sample(parameter.schema, dialect)}")
    return path, "&".join(said).encode()


def bodies(body: Body) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Yield bodies and how their type is named: every field wrong in every way, the rest as in the example."""
    example = body.examples[0].value
    is_form = body.media_type == "multipart/form-data"
    whole = as_form(example, body) if is_form else json.dumps(example).encode()
    right = FORM if is_form else JSON
    for kind in TYPES:
        yield whole, () if kind is None else (kind,)
    yield whole, (right, b"text/plain")
    yield whole, (b"text/plain", right)
    for cut in (0, 1, len(whole) // 2, len(whole) - 1):
        yield whole[:cut], (right,)
    yield from forms(body) if is_form else documents(example, body)


def documents(example: Any, body: Body) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Yield the example with each of its values replaced, and with members that it has not."""
    names = [f"/{field.name}" for field in body.fields]
    for pointer in dict.fromkeys([*_pointers(example), *names]):
        changed = copy.deepcopy(example)
        if pointer:
            pointer_set(changed, pointer, _MARK)
        else:
            changed = _MARK
        text = json.dumps(changed, ensure_ascii=False).encode()
        mark = json.dumps(_MARK, ensure_ascii=False).encode()
        for value in VALUES:
            yield text.replace(mark, value.encode()), (JSON,)
    for text in (
        b"",
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b'{"a": 1, "a": 2}',
        b"\xff",
        "{}".encode("utf-16"),
    ):
        yield text, (JSON,)


def forms(body: Body) -> Iterator[tuple[bytes, tuple[bytes, ...]]]:
    """Yield forms in which one field at a time is empty, a file, no file, twice there, or strangely named."""
    example = body.examples[0].value
    for field in body.fields:
        rest = {name: value for name, value in example.items() if name != field.name}
        before, name = as_form(rest, body, open_ended=True), field.name.encode()
        texts = [part(name, kind, text) for kind in KINDS for text in (b"x", b"", b"\xff")]
        texts += [part(name, b"", text) for text in TEXTS]
        texts += [part(name, KINDS[1], text) for text in TEXTS]
        plain, file = part(name, b"", b"x"), part(name, KINDS[3], b"\x89PNG")
        texts += [
            plain + plain,
            plain + file,
            file + plain,
            file + file,
            part(name, KINDS[3], b"") * 3,
        ]
        for spelling in SPELLINGS:
            strange = part(spelling.format(field.name).encode(), b"", b"x")
            texts += [strange, plain + strange, strange + file, strange + strange]
        for text in texts:
            yield before + text + b"--b--\r\n", (FORM,)
        for text in TEXTS:
            yield name + b"=" + text, (b"application/x-www-form-urlencoded",)
    yield b"--b--\r\n", (FORM,)
    yield b"--b\r\n\r\n\r\n--b--\r\n", (FORM,)
    yield part(b"", b"", b"x") + b"--b--\r\n", (FORM,)
    yield part(b"\xff", b"", b"x") + b"--b--\r\n", (FORM,)
    yield part(b"a", b"", b"x") * 300 + b"--b--\r\n", (FORM,)


def part(name: bytes, kind: bytes, data: bytes) -> bytes:
    """Write one part of a form."""
    return (
        b'--b\r\ncontent-disposition: form-data; name="'
        + name
        + b'"'
        + kind
        + b"\r\n\r\n"
        + data
        + b"\r\n"
    )


def as_form(example: Any, body: Body, *, open_ended: bool = False) -> bytes:
    """Write an example as a form; files have the content ``bytes``."""
    files = {field.name for field in body.fields if field.binary}
    text = b""
    for name, value in example.items():
        is_file = name in files and isinstance(value, str)
        said = value if isinstance(value, str) else json.dumps(value)
        text += part(
            name.encode(), KINDS[3] if is_file else b"", b"bytes" if is_file else said.encode()
        )
    return text if open_ended else text + b"--b--\r\n"


def _pointers(value: Any, at: str = "") -> Iterator[str]:
    yield at
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in inner:
        yield from _pointers(each, f"{at}/{key}")
