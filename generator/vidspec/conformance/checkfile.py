"""A check as a file that can be shared: ``vidspec-check.toml``.

It holds target, dialect, mode, budget, headers, skips and baseline, and no secret: what is secret is named as an
environment variable (``$NAME``), and a value that looks like a secret in clear is refused.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vidspec.conformance.exchange import is_secret_name
from vidspec.conformance.target import MODES, Mode
from vidspec.errors import UsageError

_VARIABLE: Final = re.compile(r"\$(\w+)|\$\{(\w+)\}")
#: Where a key is written, as far as TOML's usual forms go: for the line in a complaint.
_LINE: Final = r"^\s*\[?\s*[\"']?{}[\"']?\s*[\]=.]"


@dataclass(frozen=True, slots=True)
class CheckFile:
    """What a file says of a check; None: it says nothing, and the default holds. Times in seconds, money in any unit."""

    target: str | None = None
    dialect: str | None = None
    mode: Mode | None = None
    budget: int | None = None
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    job_timeout: float | None = None
    max_time: float | None = None
    concurrency: int | None = None
    fail_prompt: str | None = None
    price: float | None = None
    max_cost: float | None = None
    #: Relative to the file.
    baseline: Path | None = None
    #: Relative to the folder in which the check runs.
    report: tuple[Path, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def load_check_file(path: Path, environment: Mapping[str, str]) -> CheckFile:
    """Read a file; variables come from ``environment``.

    Raises UsageError, with every complaint at its line, for TOML that is none, unknown keys, wrong types,
    secrets in clear, and variables that are not set.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UsageError(message) from error
    except ValueError as error:
        message = f"{path}: {error}"
        raise UsageError(message) from error
    reader = _Reader(path, text, environment)
    said = {key.replace("-", "_"): reader.take(key, value) for key, value in values.items()}
    if reader.complaints:
        raise UsageError("\n".join(reader.complaints))
    return CheckFile(**said)


class _Reader:
    """Checks values one by one and gathers what is wrong with them."""

    def __init__(self, path: Path, text: str, environment: Mapping[str, str]) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.environment = environment
        self.complaints: list[str] = []

    def take(self, key: str, value: Any) -> Any:
        """Return the value as the check takes it; None, with a complaint, where it is wrong."""
        if key not in _KEYS:
            self.complain(key, f"unknown key '{key}' (there are: {', '.join(_KEYS)})")
            return None
        try:
            return _KEYS[key](self, key, value)
        except ValueError as error:
            self.complain(key, f"'{key}' {error}")
            return None

    def complain(self, key: str, message: str) -> None:
        pattern = re.compile(_LINE.format(re.escape(key)))
        number = next((n for n, line in enumerate(self.lines, 1) if pattern.match(line)), 1)
        self.complaints.append(f"{self.path}:{number}: {message}")

    def text(self, _key: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            message = "must be a text"
            raise ValueError(message)
        return value

    def mode(self, _key: str, value: Any) -> Mode:
        for mode in MODES:
            if mode == value:
                return mode
        message = f"must be one of {', '.join(MODES)}"
        raise ValueError(message)

    def whole(self, _key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            message = "must be a whole number, 0 or more"
            raise ValueError(message)
        return value

    def number(self, _key: str, value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            message = "must be a number, 0 or more"
            raise ValueError(message)
        return float(value)

    def texts(self, _key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            message = "must be a list of texts"
            raise ValueError(message)
        return tuple(value)

    def beside(self, key: str, value: Any) -> Path:
        return self.path.parent / self.text(key, value)

    def paths(self, key: str, value: Any) -> tuple[Path, ...]:
        return tuple(Path(text) for text in self.texts(key, value))

    def secret(self, key: str, value: Any) -> str:
        text = self.text(key, value)
        if not _VARIABLE.search(text):
            message = "must name an environment variable ($NAME): secrets do not stand in this file"
            raise ValueError(message)
        return _VARIABLE.sub(self._variable, text)

    def headers(self, _key: str, value: Any) -> Mapping[str, str]:
        if not isinstance(value, dict):
            message = "must be a table of names and values"
            raise ValueError(message)  # noqa: TRY004 - the file's content is wrong, not our types
        read = {}
        for name, text in value.items():
            try:
                read[name] = (
                    self.secret(name, text)
                    if is_secret_name(name)
                    else _VARIABLE.sub(self._variable, self.text(name, text))
                )
            except ValueError as error:
                self.complain(name, f"header '{name}' {error}")
        return read

    def _variable(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if not self.environment.get(name):
            message = f"names the environment variable {name}, which is not set"
            raise ValueError(message)
        return self.environment[name]


_KEYS: Final[Mapping[str, Callable[[_Reader, str, Any], Any]]] = {
    "target": _Reader.text,
    "dialect": _Reader.text,
    "mode": _Reader.mode,
    "budget": _Reader.whole,
    "api-key": _Reader.secret,
    "model": _Reader.text,
    "only": _Reader.texts,
    "skip": _Reader.texts,
    "job-timeout": _Reader.number,
    "max-time": _Reader.number,
    "concurrency": _Reader.whole,
    "fail-prompt": _Reader.text,
    "price": _Reader.number,
    "max-cost": _Reader.number,
    "baseline": _Reader.beside,
    "report": _Reader.paths,
    "headers": _Reader.headers,
}
