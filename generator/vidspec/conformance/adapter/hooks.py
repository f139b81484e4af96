"""Hooks for schemathesis. This file is copied beside the run and loaded there; it imports nothing of vidspec."""

import json
from pathlib import Path
from typing import Any

import schemathesis

_SETTINGS = json.loads((Path(__file__).parent / "hooks.json").read_text(encoding="utf-8"))
_PROMPTS = set(_SETTINGS["prompt_fields"])


@schemathesis.hook
def filter_failure(
    ctx: Any,  # noqa: ARG001 - schemathesis checks the names of a hook's parameters
    failure: Any,
    case: Any,
    response: Any,
) -> bool:
    """Drop what says nothing about the gateway: answers of the gate, and positive forms that cannot be re-read."""
    if response is None:
        return True
    names = {name.lower() for name in response.headers}
    if _SETTINGS["gate_header"] in names or _leads_away(case, response):
        return False
    multipart = "multipart" in str(getattr(case, "media_type", "") or "")
    if multipart and getattr(failure, "code", "") in {"ST201", "ST202"}:
        return False
    if getattr(failure, "code", "") == "ST103" and _asked_wrongly(case, response):
        return False
    # The gateway does not offer the operation, or is busy: said properly elsewhere, or not at all.
    if response.status_code in {405, 429, 501}:
        return False
    return response.status_code != 404 or _is_json(response)


def _leads_away(case: Any, response: Any) -> bool:
    """Say whether the answer lies outside of the gateway, where scenarios follow and generated requests do not."""
    asks = str(case.method).upper() in {"GET", "HEAD"}
    return asks and 300 <= response.status_code < 400 and "location" in response.headers


def _asked_wrongly(case: Any, response: Any) -> bool:
    """Say whether a request made to break the document was called just that, documented or not."""
    meta = getattr(case, "meta", None)
    negative = meta is not None and meta.generation.mode.value == "negative"
    return negative and response.status_code in {400, 422}


def _is_json(response: Any) -> bool:
    return any("json" in value for value in response.headers.get("content-type", []))


@schemathesis.hook
def map_case(ctx: Any, case: Any) -> Any:  # noqa: ARG001 - as above
    """Make prompts harmless where the case is valid; a change elsewhere would turn refusals into paid calls."""
    positive = case.meta is not None and case.meta.generation.mode.value == "positive"
    if positive and isinstance(case.body, dict):
        for name in _PROMPTS & case.body.keys():
            case.body[name] = "A calm lake at dawn."
    return case
