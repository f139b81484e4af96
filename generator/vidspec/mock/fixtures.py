"""Kept exchanges: one readable JSON file each, large bodies beside it; numbered in the order in which they happened."""

import json
import mimetypes
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vidspec.errors import UsageError

#: Stands in kept texts for the origin of whoever replays them.
HOME: Final = "http://fixtures.invalid"
#: What a result's address leads to, beside the operations.
RESULT: Final = "result"

_NAME = re.compile(r"(\d{4,})-.+\.json")
_SUFFIXES: Final[Mapping[str, str]] = {"image/webp": ".webp", "application/octet-stream": ".bin"}


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a recording goes to and is kept."""

    #: The upstream's base URL, as its SDK takes it.
    upstream: str
    folder: Path
    #: Keep the bytes of videos and pictures too.
    media: bool = True


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply; no secret is in it."""

    #: Operation id, or RESULT.
    operation: str
    #: Path and query values by wire name, and the body as JSON, as the caller wrote them.
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    status: int
    headers: Mapping[str, str]
    #: The reply's JSON; None where there is a text or a file.
    json: Any = None
    text: str | None = None
    #: The name of the file that holds the reply's bytes; empty where they were not kept.
    file: str | None = None
    #: The place in the order; 0 before it is kept.
    number: int = 0


class FixtureWriter:
    """Keeps the exchanges of one dialect in a folder; goes on behind what is there."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; raise UsageError if it cannot be."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            numbers = _numbered(folder)
        except OSError as error:
            message = f"cannot keep fixtures in {folder}: {error.strerror or error}"
            raise UsageError(message) from error
        self._last = max(numbers, default=0)

    def keep(self, exchange: Exchange, media: Path | None = None) -> None:
        """Write the exchange, and copy the file ``media`` beside it; each file is there whole or not at all."""
        self._last += 1
        stem = f"{self._last:04d}-{exchange.operation}"
        reply: dict[str, Any] = {"status": exchange.status, "headers": dict(exchange.headers)}
        if exchange.file is not None:
            reply["file"] = ""
            if media is not None:
                kind = exchange.headers.get("content-type", "").partition(";")[0].strip()
                suffix = _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ".bin"
                reply["file"] = stem + suffix
                part = self._folder / f"{stem}.part"
                shutil.copyfile(media, part)
                part.replace(self._folder / reply["file"])
        elif exchange.text is not None:
            reply["text"] = exchange.text
        else:
            reply["json"] = exchange.json
        request = {
            "path": dict(exchange.path),
            "query": dict(exchange.query),
            "body": exchange.body,
        }
        said = {k: v for k, v in request.items() if v not in ({}, None)}
        kept = {"operation": exchange.operation, "request": said, "reply": reply}
        part = self._folder / f"{stem}.part"
        part.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(self._folder / f"{stem}.json")


def read_fixtures(folder: Path) -> list[Exchange]:
    """Return the exchanges in a folder, in order; raise UsageError if there are none or one is not readable."""
    try:
        found = [_read(folder / name, number) for number, name in sorted(_numbered(folder).items())]
    except OSError as error:
        message = f"cannot read fixtures from {folder}: {error.strerror or error}"
        raise UsageError(message) from error
    if not found:
        message = f"there are no fixtures in {folder}"
        raise UsageError(message)
    return found


def _numbered(folder: Path) -> dict[int, str]:
    return {int(m[1]): m[0] for path in folder.iterdir() if (m := _NAME.fullmatch(path.name))}


def _read(path: Path, number: int) -> Exchange:
    try:
        kept = json.loads(path.read_text("utf-8"))
        said, reply = kept["request"], kept["reply"]
        exchange = Exchange(
            operation=str(kept["operation"]),
            path=dict(said.get("path", {})),
            query=dict(said.get("query", {})),
            body=said.get("body"),
            status=int(reply["status"]),
            headers={str(k): str(v) for k, v in reply.get("headers", {}).items()},
            json=reply.get("json"),
            text=reply.get("text"),
            file=reply.get("file"),
            number=number,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} is no fixture: {error!r}"
        raise UsageError(message) from error
    if exchange.file and (
        Path(exchange.file).name != exchange.file or not (path.parent / exchange.file).is_file()
    ):
        message = f"{path} names a file that is not beside it: {exchange.file}"
        raise UsageError(message)
    return exchange
