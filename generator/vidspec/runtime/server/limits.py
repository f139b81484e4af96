"""How much a server reads before it refuses."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, and counts; more than that is answered with 413, more than ``in_flight`` with 503."""

    body: int = 256 * _MIB
    json: int = 64 * _MIB
    #: One text field of a form; a whole form that comes urlencoded.
    text: int = 16 * _MIB
    #: Fields and files of a form, or parameters of a query.
    fields: int = 200
    #: Values in a JSON document, however deep; one of less than 64 KiB is not counted.
    values: int = 10_000
    #: What large bodies of unanswered requests hold at one time, in all.
    in_flight: int = 512 * _MIB
