"""Ids in the style of a dialect's examples: the same prefix, alphabet and length, a fresh tail."""

import random
import re
import string
import uuid
from collections.abc import Callable

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
#: Alphabet of the tail, tried from the narrowest.
_ALPHABETS = (
    string.digits,
    "0123456789abcdef",
    string.digits + string.ascii_lowercase,
    string.digits + string.ascii_letters,
)
#: A shorter tail could collide within one run.
_SHORTEST_TAIL = 12


def id_maker(example: str) -> Callable[[], str]:
    """Return a maker of ids that look like ``example``.

    ``video_68d7…`` keeps ``video_``; a number stays a number of the same length; a UUID anywhere inside
    is renewed; a suffix after a colon (``task_9f2:provider``) is kept.
    """
    if found := _UUID.search(example):
        before, after = example[: found.start()], example[found.end() :]
        return lambda: f"{before}{uuid.uuid4()}{after}"
    stem, colon, suffix = example.partition(":")
    # The last run of letters and digits is the random part; what stands before it is the prefix.
    match = re.search(r"[0-9A-Za-z]+$", stem)
    tail = match.group() if match else ""
    prefix, alphabet = stem[: len(stem) - len(tail)], _alphabet(tail)
    length = max(len(tail), _SHORTEST_TAIL)
    ending = colon + suffix

    # A number that begins with zero would lose it in a client that reads numbers.
    heads, rest = _letters(alphabet[1:]), _letters(alphabet)

    def make() -> str:
        drawn = random.randbytes(length)  # noqa: S311 - a mock has nothing to keep secret
        tail = drawn[:1].translate(heads) + drawn[1:].translate(rest)
        return f"{prefix}{tail.decode()}{ending}"

    return make


def _letters(alphabet: str) -> bytes:
    """Return the table from any byte to a letter; that some letters are a little likelier does no harm."""
    return (alphabet * (256 // len(alphabet) + 1))[:256].encode()


def provider_of(example: str) -> str | None:
    """Return the provider that an id names after its colon (``task_9f2:provider``), None if it names none."""
    return example.partition(":")[2] or None


def at_provider(identity: str, provider: str) -> str:
    """Return the id with another provider behind its colon."""
    return f"{identity.partition(':')[0]}:{provider}"


def _alphabet(tail: str) -> str:
    return next((a for a in _ALPHABETS if set(tail) <= set(a)), _ALPHABETS[-1])


def altered_id(job_id: str) -> str:
    """Return another id of the same look."""
    digits = [n for n, character in enumerate(job_id) if character.isdigit()]
    at = digits[-1] if digits else len(job_id) - 1
    other = str((int(job_id[at]) + 1) % 10) if digits else "x"
    return job_id[:at] + other + job_id[at + 1 :]
