"""Requests that real SDKs put on the wire, replayed against the stubs (which validate by the document).

``data/*-client-requests.jsonl`` hold one captured request a line, secrets and random parts struck out.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from vidspec.contract import dialect_names
from vidspec.mock import MockGateway as Gateway
from vidspec.mock import running

DATA = Path(__file__).parent / "data"
FILES = ("real-client-requests.jsonl", "more-client-requests.jsonl")
ROWS: list[dict[str, Any]] = [
    json.loads(line) for name in FILES for line in (DATA / name).read_text().splitlines()
]
#: Which document a captured client speaks, by client and path.
SPOKEN = {
    "openai-python": "openai",
    "openai-node": "openai",
    "openai-go": "openai",
    "openai-java": "openai",
    "async-openai": "openai",
    "litellm (client)": "openai",
    "litellm-proxy (its requests to the upstream)": "openai",
    "openrouter-python": "openrouter",
    "@openrouter/sdk": "openrouter",
    "@openrouter/ai-sdk-provider": "openrouter",
    "kling-api (npm)": "kling",
    "volcengine (PyPI) VisualService": "jimeng",
    "@volcengine/openapi (npm) Service": "jimeng",
    "jimeng-ai-mcp (PyPI)": "jimeng",
    # Recipes: what public programs without a package send, written anew; the version is the one of what sends for them.
    "fetch (Node), a Kling recipe": "kling",
    "requests (Python), a Kling recipe": "kling",
    "requests (Python), a New API recipe": "newapi",
    "net/http (Go), an OpenRouter recipe": "openrouter",
}
#: Requests that the API itself refuses: probes and mistakes of the captured client.
REFUSED = {
    ("2.8.0", "/v1/videos", "seconds is an integer"): 400,
    ("2.8.0", "/v1/videos/a/b%2Fc==", "the SDK sends a raw slash"): 404,
    ("2.34.2", "/v1/videos/text2video", "the duration is an integer"): 400,
    ("1.109.1", "/v1/videos", "no prompt"): 400,
    ("1.109.1", "/v1/videos", "five seconds"): 400,
    ("1.109.1", "/v1/videos", "size 1x1"): 400,
    ("1.3.84", "/api/v1/videos/gen-vid-<n>-abcdefghijklmnopqrst/content", "no second output"): 400,
}


def dialect_of(row: dict[str, Any]) -> str:
    """Say which dialect a captured request speaks."""
    return "newapi" if row["path"].startswith("/jimeng") else SPOKEN[row["client"]]


def refusal(row: dict[str, Any]) -> int | None:
    """Return the status with which a captured request is rightly refused, or None."""
    body = row["body"] or {}
    fields = {part["name"]: part.get("value") for part in body.get("multipart", ())}
    fields |= body.get("json") or {}
    reasons = {
        "seconds is an integer": isinstance(fields.get("seconds"), int),
        "the duration is an integer": isinstance(fields.get("duration"), int),
        "the SDK sends a raw slash": "/a/b" in row["path"],
        "no prompt": bool(fields) and "prompt" not in fields and row["path"] == "/v1/videos",
        "five seconds": fields.get("seconds") == "5",
        "no second output": row["query"] == [["index", "1"]],
        "size 1x1": fields.get("size") == "1x1",
    }
    for (version, path, reason), status in REFUSED.items():
        if (row["version"], row["path"]) == (version, path) and reasons[reason]:
            return status
    return None


def fill(text: str) -> str:
    """Put plausible values where the capture was struck out."""
    return text.replace("<32hex>", "0123456789abcdef" * 2).replace("<n>", "1764000000")


def send(gateway: Gateway, row: dict[str, Any]) -> httpx2.Response:
    """Send a captured request as it was: method, raw path, query, body."""
    headers = {k: v for k, v in row["headers"].items() if not k.startswith("x-stainless")}
    headers["authorization"] = "Bearer sk-captured"
    body = json.loads(fill(json.dumps(row["body"] or {})))
    url = httpx2.URL(gateway.url + fill(row["path"]), params=row["query"] or None)
    if "multipart" in body:
        parts = [
            (
                part["name"],
                (
                    part.get("filename"),
                    b"\0" * part["bytes"] if "bytes" in part else str(part["value"]).encode(),
                    part.get("content_type"),
                ),
            )
            for part in body["multipart"]
        ]
        return httpx2.request(row["method"], url, headers=headers, files=parts)
    if row["content_type"]:
        headers["content-type"] = row["content_type"]
    content = json.dumps(body["json"]).encode() if "json" in body else None
    return httpx2.request(row["method"], url, headers=headers, content=content)


@pytest.fixture(scope="module")
def gateways() -> Iterator[dict[str, Gateway]]:
    """Start one lenient mock for each dialect that the captures speak."""
    wanted = sorted({dialect_of(row) for row in ROWS} & set(dialect_names()))
    started = {name: running(name, lenient_ids=True, job_seconds=0) for name in wanted}
    entered = {name: context.__enter__() for name, context in started.items()}
    yield entered
    for context in started.values():
        context.__exit__(None, None, None)


@pytest.mark.parametrize(
    "row",
    ROWS,
    ids=[
        f"{line}-{row['client']} {row['version']} {row['call']}" for line, row in enumerate(ROWS, 1)
    ],
)
def test_a_captured_request_is_accepted(row: dict[str, Any], gateways: dict[str, Gateway]) -> None:
    """Every request of a real client gets a success, except those that the API refuses too."""
    reply = send(gateways[dialect_of(row)], row)

    expected = refusal(row)
    if expected is not None:
        assert expected == reply.status_code, reply.text
    else:
        assert reply.is_success, reply.text


NAMED = [
    row
    for row in ROWS
    if row["path"] in {"/v1/videos/edits", "/v1/videos/extensions"}
    and "<32hex>" in str(row["body"])
]


@pytest.mark.parametrize(
    "row", NAMED, ids=[f"{n}-{row['client']} {row['path']}" for n, row in enumerate(NAMED, 1)]
)
def test_a_source_is_understood_however_it_is_named(row: dict[str, Any]) -> None:
    """``video[id]``, JSON in a form, an octet-stream without a name: an unknown source is missed."""
    with running("openai", job_seconds=0) as gateway:
        assert send(gateway, row).status_code == 404
        made = httpx2.post(
            f"{gateway.base_url}/videos",
            json={"prompt": "a cat", "size": "1024x1792"},
            headers={"authorization": "Bearer any"},
        ).json()
        real = json.loads(json.dumps(row).replace("video_<32hex>", made["id"]))
        assert send(gateway, real).json()["size"] == "1024x1792"
