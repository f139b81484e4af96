"""The emitters by name: our own, and those that other distributions bring along.

An emitter is a callable that takes a Contract and returns a FileTree. Others are found by the entry point group
``vidspec.emitters``::

    [project.entry-points."vidspec.emitters"]
    go = "vidspec_go:emit"
"""

import importlib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

from vidspec.emit.tree import FileTree
from vidspec.errors import UsageError

if TYPE_CHECKING:
    # Nothing of it is needed when nothing has changed.
    from vidspec.contract.model import Contract

Emitter = Callable[["Contract"], FileTree]

GROUP = "vidspec.emitters"
#: The emitter that ``generate`` uses when none is named.
DEFAULT = "vidspec"
#: Name → where it is; nothing is imported before it is wanted.
_OWN = {
    DEFAULT: "vidspec.emit.pipeline:emit",
    "openapi-python-client": "vidspec.emit.opc:emit_packages",
    "markdown": "vidspec.emit.reference:emit_reference",
}


def emitter_names() -> list[str]:
    """Return the names of all emitters, ours and others'."""
    return sorted({*_OWN, *entry_points(group=GROUP).names})


def find_emitter(name: str) -> Emitter:
    """Return the emitter of that name; one of ours cannot be replaced.

    Raises UsageError when there is none, or when it cannot be loaded.
    """
    if name in _OWN:
        module, _, attribute = _OWN[name].partition(":")
        return cast("Emitter", getattr(importlib.import_module(module), attribute))
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        message = f"there is no emitter {name!r}"
        raise UsageError(message, hint=f"Emitters: {', '.join(emitter_names())}.")
    return _load(found[0])


def _load(entry: EntryPoint) -> Emitter:
    try:
        emitter = entry.load()
    except (ImportError, AttributeError) as error:
        message = f"the emitter {entry.name!r} ({entry.value}) cannot be loaded: {error}"
        raise UsageError(message) from error
    if not callable(emitter):
        message = f"the emitter {entry.name!r} ({entry.value}) is not callable"
        raise UsageError(message)
    return cast("Emitter", emitter)
