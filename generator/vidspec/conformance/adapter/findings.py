"""Reading the cases that schemathesis reports, one JSON line per event."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vidspec.conformance.wire import Answer, Recorded


@dataclass(frozen=True, slots=True)
class Case:
    """A generated request, its reply, and what schemathesis found wrong: ``(code, message)``."""

    exchange: Recorded
    failures: tuple[tuple[str, str], ...]


def read_cases(lines: Iterable[str], base: str) -> Iterator[Case]:
    """Yield every case that had a reply; ``base`` is the base URL that the requests went to."""
    for line in lines:
        if not line.endswith("\n"):
            # The writer was stopped in the middle of its last line.
            return
        finished = json.loads(line).get("ScenarioFinished")
        recorder = (finished or {}).get("recorder", {})
        checks = recorder.get("checks", {})
        for case_id, interaction in recorder.get("interactions", {}).items():
            if interaction.get("response"):
                yield _case(interaction, checks.get(case_id, ()), base)


def _case(interaction: Mapping[str, Any], checks: Iterable[Mapping[str, Any]], base: str) -> Case:
    request, response = interaction["request"], interaction["response"]
    parts, home = urlsplit(request["uri"]), urlsplit(base).path
    failures = [
        check["failure_info"]["failure"] for check in checks if check.get("status") == "failure"
    ]
    exchange = Recorded(
        method=request["method"],
        path=parts.path.removeprefix(home),
        query=parts.query,
        headers=_headers(request.get("headers")),
        body=_bytes(request.get("body")),
        answer=Answer(
            response["status_code"],
            _headers(response.get("headers")),
            _bytes(response.get("content")),
        ),
        seconds=float(response.get("elapsed") or 0.0),
    )
    found = tuple((f.get("code", ""), f"{f['title']}: {f['message']}") for f in failures)
    return Case(exchange, found)


def _headers(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.lower(), value)
        for name, values in (given or {}).items()
        for value in (values if isinstance(values, list) else [values])
    )


def _bytes(given: Any) -> bytes:
    if isinstance(given, Mapping):
        given = given.get("$base64", "")
        return base64.b64decode(given)
    return given.encode() if isinstance(given, str) else b""
