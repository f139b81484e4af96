"""Asking a mock that somebody else made from our document for an example."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from vidspec.source import pointer_get

KEYS = {
    "Authorization": "Bearer key",
    "x-api-key": "key",
    "x-bf-api-key": "key",
    "x-goog-api-key": "key",
    "x-bf-vk": "key",
}


def ask_for_an_example(path: Path, port: int) -> list[str]:
    """Ask every operation that reads (if there is none, every one) for its JSON example; return what is not answered with one."""
    document = json.loads(path.read_text())
    complaints, asked = [], 0
    methods = {method for item in document["paths"].values() for method in item}
    method = "get" if "get" in methods else "post"
    for route, item in document["paths"].items():
        operation = item.get(method)
        examples = _examples(document, (operation or {}).get("responses", {}).get("200", {}))
        if not operation or not examples:
            continue
        asked += 1
        target, headers = _request(document, route, item, operation)
        body = next(iter(_examples(document, operation.get("requestBody", {}))), None)
        url = f"http://127.0.0.1:{port}{target}"
        answer = httpx2.request(method, url, headers=headers, json=body, timeout=30)
        if answer.status_code != 200 or answer.json() not in examples:
            complaints.append(f"{method} {route}: {answer.status_code} {answer.text[:200]}")
    return complaints if asked else ["no operation to ask"]


def _examples(document: dict[str, Any], message: Any) -> list[Any]:
    content = _followed(document, message).get("content", {}).get("application/json", {})
    return [_followed(document, e).get("value") for e in content.get("examples", {}).values()]


def _request(
    document: dict[str, Any], route: str, item: dict[str, Any], operation: dict[str, Any]
) -> tuple[str, dict[str, str]]:
    query: dict[str, str] = {}
    headers = dict(KEYS)
    for said in [*item.get("parameters", ()), *operation.get("parameters", ())]:
        parameter = _followed(document, said)
        value = _value(document, parameter)
        if parameter["in"] == "path":
            route = route.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        elif parameter.get("required"):
            {"query": query, "header": headers}[parameter["in"]][parameter["name"]] = value
    return f"{route}?{urlencode(query)}" if query else route, headers


def _value(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    schema = _followed(document, parameter.get("schema", {}))
    listed = parameter.get("examples", {})
    known = [_followed(document, e).get("value") for e in listed.values()]
    known += [parameter.get("example"), *schema.get("examples", ()), schema.get("const")]
    known += schema.get("enum", ())
    return str(next((v for v in known if v is not None), "video_123"))


def _followed(document: dict[str, Any], value: Any) -> Any:
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        value = pointer_get(document, value["$ref"].removeprefix("#"))
    return value
