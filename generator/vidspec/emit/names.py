"""Names for emitted code: whatever a specification calls a thing, Python gets a safe, unique, stable name.

A name is a type here: ``PythonIdentifier`` and ``ClassName`` can only hold what Python accepts, so a template
that prints one cannot change the structure of the code around it. Names are ASCII.
"""

import keyword
import re
import unicodedata
from collections.abc import Iterable
from typing import Self

_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+(?:[0-9]+[a-z]+)*[0-9]*|[0-9]+[a-z]*")


class Code(str):
    """Text that may stand in emitted code as it is. Templates refuse every other kind of text."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text itself: this is what Jinja's autoescape asks a value that needs no escaping."""
        return str(self)


class PythonIdentifier(Code):
    """A lower-case Python name: module, function, argument."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Hold ``value``, or raise ValueError when it is not a plain, public, non-keyword ASCII name."""
        if not value.isascii() or not value.isidentifier() or value.startswith("_"):
            message = f"{value!r} is not a safe Python name"
            raise ValueError(message)
        if keyword.iskeyword(value):
            message = f"{value!r} is a Python keyword"
            raise ValueError(message)
        return super().__new__(cls, value)

    @classmethod
    def of(cls, text: str, *, fallback: str = "value") -> Self:
        """Make a name from any text: ``createVideo`` → ``create_video``, ``class`` → ``class_``, ``1x`` → ``value_1x``."""
        name = "_".join(word.lower() for word in _words(text))
        if not name or name[0].isdigit():
            name = f"{fallback}_{name}".rstrip("_")
        return cls(f"{name}_" if keyword.iskeyword(name) else name)


class ClassName(PythonIdentifier):
    """A Python class name."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str, *, fallback: str = "Value") -> Self:
        """Make a class name from any text: ``video_job`` → ``VideoJob``; a name that is one already is kept."""
        name = "".join(word[0].upper() + word[1:] for word in _words(text))
        if not name or name[0].isdigit():
            name = f"{fallback}{name}"
        return cls(f"{name}_" if keyword.iskeyword(name) else name)


class Scope:
    """Names given out so far; a second ``size`` becomes ``size_2``. The order of the calls decides, nothing else."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """Start with ``reserved`` taken."""
        self._taken = set(reserved)

    def identifier(self, text: str, *, fallback: str = "value") -> PythonIdentifier:
        """Give out a free identifier for ``text``."""
        return PythonIdentifier(self._free(PythonIdentifier.of(text, fallback=fallback)))

    def class_name(self, text: str, *, fallback: str = "Value") -> ClassName:
        """Give out a free class name for ``text``."""
        return ClassName(self._free(ClassName.of(text, fallback=fallback)))

    def _free(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted.rstrip('_')}_{number}"
        self._taken.add(name)
        return name


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _WORD.findall(plain)
