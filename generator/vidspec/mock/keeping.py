"""Jobs that outlive the process: one SQLite file, written in batches, synced before a reply leaves."""

import asyncio
import dataclasses
import json
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

from vidspec.errors import UsageError

#: Space, dialect and id.
Key: TypeAlias = tuple[str, str, str]

#: Attributes that hold a clock's elapsed time, which begins anew with every start of the machine.
_ELAPSED: Final = frozenset({"started", "since", "ended"})
_HOME: Final = "vidspec.mock."
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
  kind TEXT NOT NULL, space TEXT NOT NULL, dialect TEXT NOT NULL, id TEXT NOT NULL, offset REAL, value TEXT NOT NULL,
  PRIMARY KEY (kind, space, dialect, id)
)
"""
_PUT = """
INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET offset = excluded.offset, value = excluded.value
"""
_TAKE = "DELETE FROM kept WHERE kind = ? AND space = ? AND dialect = ? AND id = ?"


class Keeper(Protocol):
    """What keeps the values of a store."""

    def load(self, offset: float) -> Iterator[tuple[str, Key, Any]]:
        """Yield kind, key and value of everything kept, in order; ``offset`` is elapsed time minus date now."""

    def put(self, kind: str, key: Key, value: Any) -> None:
        """Keep a value from now on, or no longer (None)."""

    async def settled(self) -> None:
        """Return when everything put so far is safe."""

    def close(self) -> None:
        """Make everything safe and end."""


class SqliteKeeper:
    """Keeps values in a file; a thread writes whatever has come together, each batch synced as one."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raise UsageError if it is none of ours, or another mock has it."""
        self._path = path
        try:
            self._file = _opened(path)
        except sqlite3.Error as error:
            message = f"cannot keep jobs in {path}: {error}"
            raise UsageError(message) from error
        self._offset = 0.0
        self._wake = threading.Condition()
        self._waiting: list[tuple[str, Key, str | None]] = []
        self._futures: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._put_count = self._safe_count = 0
        self._closing = False
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._work, name="vidspec-store", daemon=True)
        self._thread.start()

    def load(self, offset: float) -> Iterator[tuple[str, Key, Any]]:
        """Yield kind, key and value of everything kept, in the order in which it was made.

        Raises UsageError for what no mock has written.
        """
        self._offset = offset
        try:
            rows = self._file.execute(
                "SELECT kind, space, dialect, id, offset, value FROM kept ORDER BY rowid"
            )
            for kind, space, dialect, name, then, text in rows.fetchall():
                yield kind, (space, dialect, name), thaw(json.loads(text), offset - then)
        except (sqlite3.Error, ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"cannot read the jobs in {self._path}: {type(error).__name__}: {error}"
            hint = "The file is damaged, or of another version: begin with a new one."
            raise UsageError(message, hint=hint) from error

    def put(self, kind: str, key: Key, value: Any) -> None:
        """Hand a value (None: no longer) to the writing thread, as it is now."""
        text = None if value is None else json.dumps(freeze(value))
        with self._wake:
            self._waiting.append((kind, key, text))
            self._put_count += 1
            self._wake.notify()

    async def settled(self) -> None:
        """Return when everything put so far is on the disk; raise OSError if it cannot be."""
        loop = asyncio.get_running_loop()
        with self._wake:
            if self._failure is not None:
                raise self._failure
            if self._safe_count == self._put_count:
                return
            future = loop.create_future()
            self._futures.append((loop, future))
        await future

    def close(self) -> None:
        """Write what is left and let go of the file."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()
        self._file.close()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting or self._closing)
                batch, self._waiting = self._waiting, []
                futures, self._futures = self._futures, []
            if not batch:
                return
            try:
                self._write(batch)
            except sqlite3.Error as error:
                # For good: what was lost with this batch can never be acknowledged.
                self._failure = OSError(f"the store cannot be written: {error}")
            with self._wake:
                self._safe_count += len(batch)
                # Who came while this batch was written waits for what is still to be written, if anything is.
                if not self._waiting:
                    futures += self._futures
                    self._futures = []
            for loop, future in futures:
                loop.call_soon_threadsafe(_settle, future, self._failure)

    def _write(self, batch: list[tuple[str, Key, str | None]]) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            for kind, key, text in batch:
                if text is None:
                    self._file.execute(_TAKE, (kind, *key))
                else:
                    self._file.execute(_PUT, (kind, *key, self._offset, text))
        except sqlite3.Error:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")


def _opened(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
    try:
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = FULL")
        file.execute(_SCHEMA)
    except sqlite3.Error:
        file.close()
        raise
    return file


def freeze(value: Any) -> Any:
    """Return a value as JSON: objects of the mock by their attributes; what is neither becomes null."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dict):
        return {"dict": [[freeze(key), freeze(inner)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [freeze(inner) for inner in value]}
    kind = type(value)
    if not kind.__module__.startswith(_HOME):
        return None  # An uploaded file: nothing asks for it again.
    said = {name: freeze(getattr(value, name)) for name in _attributes(value)}
    return {"object": f"{kind.__module__}:{kind.__name__}", "has": said}


def thaw(frozen: Any, later: float = 0.0) -> Any:
    """Return what was frozen; ``later`` is added to its moments of elapsed time. Raises ValueError for another's."""
    if not isinstance(frozen, dict):
        return frozen
    if "dict" in frozen:
        return {thaw(key, later): thaw(inner, later) for key, inner in frozen["dict"]}
    if "list" in frozen:
        return [thaw(inner, later) for inner in frozen["list"]]
    if "tuple" in frozen:
        return tuple(thaw(inner, later) for inner in frozen["tuple"])
    module, _, name = str(frozen.get("object")).partition(":")
    kind = getattr(sys.modules.get(module), name, None) if module.startswith(_HOME) else None
    if not isinstance(kind, type):
        message = f"the store holds something unknown: {module}:{name}"
        raise ValueError(message)  # noqa: TRY004 - it is the text that is wrong
    made: Any = object.__new__(kind)
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    names = {each.name for each in fields}
    # A store of an older mock knows nothing of what was added since.
    for each in fields:
        if each.name in frozen["has"]:
            continue
        if each.default is dataclasses.MISSING:
            message = f"a {name} without {each.name}"
            raise ValueError(message)
        object.__setattr__(made, each.name, each.default)
    for attribute, inner in frozen["has"].items():
        if names and attribute not in names:
            continue  # An older mock kept what is worked out now.
        value = thaw(inner, later)
        if attribute in _ELAPSED and isinstance(value, float):
            value += later
        object.__setattr__(made, attribute, value)
    return made


def _attributes(value: Any) -> list[str]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in (*slots, *getattr(value, "__dict__", ())) if hasattr(value, name)]


def _settle(future: "asyncio.Future[None]", failure: OSError | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
