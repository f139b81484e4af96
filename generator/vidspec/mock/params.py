"""From a request to canonical parameters, by the specification's ``x-video-parameter`` alone."""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vidspec.contract.jobs import as_number
from vidspec.contract.model import Canonical, Dialect, Field, Operation, Parameter
from vidspec.contract.schemas import resolve
from vidspec.mock.clip import Clip
from vidspec.source import MISSING, pointer_get

_NUMBERS = frozenset({"seconds", "fps", "width", "height", "n", "limit", "page", "page_size"})
_INTEGERS = _NUMBERS - {"seconds", "fps"}
_SIZE = re.compile(r"(\d{1,5})\s*[x*:\u00d7]\s*(\d{1,5})", re.IGNORECASE)
_RESOLUTION = re.compile(r"(\d{1,4})\s*([pk])", re.IGNORECASE)
#: What the picture gets where neither the request nor the specification says anything.
_WIDTH, _HEIGHT, _SECONDS = 1280, 720, 5.0
#: Short side of ``1K``, ``2K``, ``4K`` …, in pixels.
_KILO = {1: 1080, 2: 1440, 3: 1620, 4: 2160, 8: 4320}


@dataclass(frozen=True, slots=True)
class Source:
    """The clip that a job starts from: a job of this server by id, or bytes or an address of one's own."""

    job_id: str | None


class RequestReader:
    """Reads one operation's requests; made once, used for every call."""

    def __init__(self, dialect: Dialect, operation: Operation) -> None:
        self._fields: dict[str, Canonical] = {}
        self._defaults: dict[str, Any] = {}
        fields = [field for body in operation.bodies for field in body.fields]
        parts: list[Parameter | Field] = [*operation.parameters, *fields]
        for part in parts:
            if part.canonical is None:
                continue
            self._fields.setdefault(part.name, part.canonical)
            schema, _ = resolve(dialect.document, part.pointer)
            schema = schema.get("schema", schema) if isinstance(part, Parameter) else schema
            default = part.canonical.default
            if default is None and "default" in schema:
                default = canonical_value(part.canonical, schema["default"])
            if default is not None:
                self._defaults.setdefault(part.canonical.name, default)

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Canonical values that hold when the caller says nothing."""
        return self._defaults

    def read(self, *parts: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the canonical values the caller gave in ``parts`` (body, query …); no defaults."""
        found: dict[str, Any] = {}
        for part in parts:
            for name, value in (part or {}).items():
                if (meaning := self._fields.get(name)) is not None and value is not None:
                    found[meaning.name] = canonical_value(meaning, value)
        return found

    def source(self, body: Mapping[str, Any] | None) -> Source | None:
        """Return the job or clip that the body names as its source, None if it names none."""
        for name, meaning in self._fields.items():
            if meaning.name != "video" or (value := (body or {}).get(name)) is None:
                continue
            pointer = meaning.forms.get("id")
            identity = MISSING if pointer is None else pointer_get(value, pointer)
            return Source(identity if isinstance(identity, str) else None)
        return None


def canonical_value(meaning: Canonical, wire: Any) -> Any:
    """Translate one wire value: by the ``values`` table, then numbers that may travel as text."""
    if meaning.values and isinstance(wire, (str, int, float, bool)):
        key = wire if isinstance(wire, str) else json.dumps(wire)
        if key in meaning.values:
            return meaning.values[key]
    if meaning.name in _NUMBERS:
        number = as_number(wire)
        if number is not None and (meaning.name in _INTEGERS or number.is_integer()):
            return int(number)
        return wire if number is None else number
    return wire


def clip_of(params: Mapping[str, Any], *, tone: bool = False) -> Clip:
    """Return the clip that these canonical parameters ask for; with ``tone`` it has sound in any case."""
    width, height = _pixels(params)
    seconds = as_number(params.get("seconds"))
    prompt = params.get("prompt")
    return Clip(
        width=width,
        height=height,
        seconds=seconds if seconds and seconds > 0 else _SECONDS,
        prompt=prompt if isinstance(prompt, str) else "",
        fps=as_number(params.get("fps")),
        audio=tone or params.get("audio") is True,
    )


def _pixels(params: Mapping[str, Any]) -> tuple[int, int]:
    said = tuple(map(params.get, ("width", "height", "size", "resolution", "aspect_ratio")))
    try:
        return _known_pixels(*said)
    except TypeError:  # One of them is a list or an object, which no cache can hold.
        return _known_pixels(*(None if isinstance(v, list | dict) else v for v in said))


@functools.lru_cache(maxsize=1024)
def _known_pixels(
    width: Any, height: Any, size: Any, resolution: Any, aspect_ratio: Any
) -> tuple[int, int]:
    width, height = as_number(width), as_number(height)
    if width and height and min(width, height) >= 1:
        return int(width), int(height)
    if isinstance(size, str) and (found := _SIZE.fullmatch(size.strip())):
        width, height = int(found[1]), int(found[2])
        if min(width, height) >= 1 and not _is_ratio(size):
            return width, height
    short = _short_side(resolution) or _short_side(size) or min(_WIDTH, _HEIGHT)
    across, down = _ratio(aspect_ratio) or _ratio(size) or (16, 9)
    scale = short / min(across, down)
    return _even(across * scale), _even(down * scale)


def _is_ratio(size: str) -> bool:
    return ":" in size


def _ratio(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, str) or not (found := _SIZE.fullmatch(value.strip())):
        return None
    across, down = int(found[1]), int(found[2])
    return (across, down) if min(across, down) >= 1 else None


def _short_side(value: Any) -> int | None:
    if not isinstance(value, str) or not (found := _RESOLUTION.fullmatch(value.strip())):
        return None
    number = int(found[1])
    return (_KILO.get(number) if found[2].lower() == "k" else number) or None


def _even(pixels: float) -> int:
    return max(2, 2 * round(pixels / 2))
