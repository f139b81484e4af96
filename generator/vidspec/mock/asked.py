"""What a request asks for, whoever wrote it and however: the key by which exchanges are found again."""

import json
from collections.abc import Mapping
from typing import Any, Final

from vidspec.contract.model import Dialect
from vidspec.mock.params import RequestReader
from vidspec.mock.striking import condensed, struck

#: Canonical parameters that another run says differently though it means the same.
_INCIDENTAL: Final = frozenset({"idempotency_key", "callback_url", "external_id", "session_id"})


class Keys:
    """Makes the keys of one dialect's requests."""

    def __init__(self, dialect: Dialect) -> None:
        self._readers = {o.id: RequestReader(dialect, o) for o in dialect.operations}

    def facts(
        self, operation: str, path: Mapping[str, Any], query: Mapping[str, Any], body: Any
    ) -> dict[str, Any]:
        """Return what is asked for, by canonical name where it has one; values as ``condensed`` and ``struck``."""
        found: dict[str, Any] = {f"path.{name}": value for name, value in path.items()}
        for holder in (query, body):
            if isinstance(holder, Mapping):
                for name, value in holder.items():
                    found |= self._fact(operation, name, value)
            elif holder is not None:
                found["body"] = holder
        return {n: struck(condensed(v)) for n, v in found.items() if n not in _INCIDENTAL}

    def external_id(self, operation: str, body: Any) -> str | None:
        """Return the id that the caller gives its job, None if it gives none."""
        reader = self._readers.get(operation)
        said = (
            reader.read(body).get("external_id") if reader and isinstance(body, Mapping) else None
        )
        return said if isinstance(said, str) and said else None

    def _fact(self, operation: str, name: str, value: Any) -> dict[str, Any]:
        reader = self._readers.get(operation)
        if value is None:
            return {}
        return (reader.read({name: value}) if reader else {}) or {name: value}


def key_of(operation: str, facts: Mapping[str, Any]) -> str:
    """Return the key of an operation and what it is asked."""
    return f"{operation} {json.dumps(facts, sort_keys=True, ensure_ascii=False)}"
