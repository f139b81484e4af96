"""Every lint rule of ours, seen to fail: one change to the toy dialect, one complaint at one place."""

import shutil
from pathlib import Path

import pytest

from vidspec.contract import load_contract
from vidspec.errors import SpecError

TOY = Path(__file__).parent.parent / "cases" / "toy"

#: What is replaced, by what, which rule must complain, and the text at which it must point.
BREAKS = {
    "no dialect extension": ("x-video-dialect:\n", "x-other:\n", "x-video-dialect", "openapi:"),
    "unknown key": (
        "evidence: documented",
        "evidence: documented\n  colour: red",
        "x-video-dialect",
        "x-video-dialect:",
    ),
    "no role": (
        "{role: create, paid: true}",
        "{paid: true}",
        "x-video-operation",
        "x-video-operation: {paid",
    ),
    "no extension": (
        "      x-video-operation: {role: create, paid: true}\n",
        "",
        "x-video-operation",
        "post:",
    ),
    "unknown meaning": (
        "x-video-parameter: prompt}",
        "x-video-parameter: promt}",
        "x-video-parameter",
        "x-video-parameter: promt",
    ),
    "unpaid tag": ("tags: [clips, paid]", "tags: [clips]", "paid-tag", "post:"),
    "no summary": ("      summary: Make a clip\n", "", "operation-summary", "post:"),
    "unknown surface": (
        "{role: retrieve}",
        "{role: retrieve, surface: films}",
        "surface-unknown",
        "surface: films",
    ),
    "no address": (
        "          x-video-parameter: job_id\n",
        "",
        "role-address",
        "x-video-operation: {role: retrieve}",
    ),
    "list without items": (
        "{role: retrieve}",
        "{role: list}",
        "role-items",
        "x-video-operation: {role: list}",
    ),
    "prices of no model": (
        "{role: retrieve}",
        "{role: retrieve, prices: {pointer: /cost, currency: EUR, charges: [{key: a, per: video}]}}",
        "role-prices",
        "prices: {pointer: /cost",
    ),
    "price by an unknown condition": (
        "{role: retrieve}",
        "{role: retrieve, prices: {pointer: /cost, currency: EUR, charges: [{key: a, per: video, when: {moon: full}}]}}",
        "role-prices",
        "{key: a",
    ),
    "price that is covered": (
        "{role: retrieve}",
        "{role: retrieve, prices: {pointer: /cost, currency: EUR, charges: [{key: a*, per: video}, {key: ab, per: video}]}}",
        "role-prices",
        "{key: ab",
    ),
    "no retrieve": ("{role: retrieve}", "{role: other}", "surface-roles", "clips:\n      title"),
    "job leads nowhere": ("prompt: /words", "prompt: /wrds", "job-pointer", "prompt: /wrds"),
    "time without unit": (
        "{pointer: /born, unit: iso8601}",
        "{pointer: /born}",
        "job-unit",
        "created_at:",
    ),
    "time without bounds": (
        "{pointer: /born, unit: iso8601}",
        "{pointer: /length, unit: s}",
        "time-bounds",
        "length: {type: integer}",
    ),
    "word missing": (
        "{new: queued, working: in_progress, ready: completed, broken: failed}",
        "{new: queued, working: in_progress, ready: completed}",
        "status-total",
        "states:",
    ),
    "word too many": (
        "broken: failed}",
        "broken: failed, lost: expired}",
        "status-total",
        "lost: expired",
    ),
    "words not listed": (
        "now: {enum: [new, working, ready, broken]}",
        "now: {type: string}",
        "status-enum",
        "now: {type: string}",
    ),
    "result leads nowhere": (
        "{kind: url, pointer: /film}",
        "{kind: url, pointer: /flim}",
        "result-pointer",
        "{kind: url, pointer: /flim}",
    ),
    "no content operation": (
        "{kind: url, pointer: /film}",
        "{kind: endpoint}",
        "result-endpoint",
        "{kind: endpoint}",
    ),
    "default reply": (
        '        "415": {$ref',
        "        default: {$ref",
        "status-default",
        "default: {$ref",
    ),
    "range of 4xx": (
        '        "415": {$ref',
        '        "4XX": {$ref',
        "status-range",
        '"4XX": {$ref',
    ),
    "no server error": (
        '        "422": {$ref: "#/components/responses/Refused"}\n        "5XX": {$ref: "#/components/responses/Refused"}',
        '        "422": {$ref: "#/components/responses/Refused"}',
        "status-server-error",
        'responses:\n        "201"',
    ),
    "cause not listed": (
        '        "422": {$ref: "#/components/responses/Refused"}\n',
        "",
        "cause-status",
        'responses:\n        "201"',
    ),
    "cause does not fit": (
        'not_found: {status: 404, body: {problem: "{message}"}}',
        'not_found: {status: 404, body: {trouble: "{message}"}}',
        "cause-body",
        "body: {trouble",
    ),
    "example does not fit": (
        "length: 3}}\n      responses",
        "length: 30}}\n      responses",
        "example-schema",
        "length: 30}}",
    ),
    "example is a placeholder": (
        "{value: {words: A paper boat on a puddle, length: 3}}",
        "{value: {words: string, length: 3}}",
        "example-placeholder",
        "words: string",
    ),
    "no request example": (
        "            examples:\n              wish: {value: {words: A paper boat on a puddle, length: 3}}\n",
        "",
        "example-missing",
        "application/json:",
    ),
    "a body of nothing": (
        '            schema: {$ref: "#/components/schemas/Wish"}\n',
        "",
        "body-schema",
        "application/json:",
    ),
    "no example of a state": (
        "                broken: {value: {clip: clip-7f3k9q, now: broken,",
        "                broken: {value: {clip: clip-7f3k9q, now: ready,",
        "example-state",
        '"200":',
    ),
    "link to nowhere": (
        "{operationId: look-at-clip,",
        "{operationId: look-at-film,",
        "link-target",
        "look: {operationId",
    ),
    "link feeds nothing": (
        "parameters: {clip:",
        "parameters: {film:",
        "link-parameter",
        'film: "$response',
    ),
    "link reads nothing": (
        "$response.body#/clip",
        "$response.body#/film_id",
        "link-expression",
        'clip: "$response',
    ),
    "no link": (
        '          links:\n            look: {operationId: look-at-clip, parameters: {clip: "$response.body#/clip"}}\n',
        "",
        "link-missing",
        '"201":',
    ),
    "no such scheme": (
        "{scheme: key, kind: header}",
        "{scheme: token, kind: header}",
        "credentials-scheme",
        "scheme: token",
    ),
    "operation id twice": (
        "{role: retrieve}",
        "{role: retrieve, operation_id: make-clip}",
        "operation-id",
        "get:",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_refused_at_its_place(name: str, tmp_path: Path) -> None:
    """The right rule points at the right line and column."""
    old, new, rule, at = BREAKS[name]
    root = tmp_path / "spec"
    shutil.copytree(TOY, root)
    path = root / "dialects" / "toy" / "openapi.yaml"
    text = path.read_text()
    assert old in text
    broken = text.replace(old, new, 1)
    path.write_text(broken)
    before = broken[: broken.index(at)]
    expected = (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)

    with pytest.raises(SpecError) as caught:
        load_contract(root, lint=True)

    found = [
        (p.location.line, p.location.column)
        for p in caught.value.problems
        if p.rule == rule and p.location and p.location.file.endswith("openapi.yaml")
    ]
    assert expected in found, caught.value.render()


def test_the_toy_is_sound() -> None:
    """The unbroken document passes, so that each complaint above is the change's doing."""
    contract = load_contract(TOY, lint=True)

    assert [o.id for o in contract.dialects["toy"].operations] == ["make-clip", "look-at-clip"]


def test_what_is_not_linted_is_refused_all_the_same(tmp_path: Path) -> None:
    """A document that cannot be understood is linted after all: problems with places, never a traceback."""
    shutil.copytree(TOY, tmp_path / "spec")
    path = tmp_path / "spec" / "dialects" / "toy" / "openapi.yaml"
    before, marker, after = path.read_text().rpartition("      responses:\n")
    path.write_text(f"{before}      responses: null\n      x-was:\n{after}")

    with pytest.raises(SpecError) as caught:
        load_contract(tmp_path / "spec")

    assert marker
    assert "openapi-schema" in {problem.rule for problem in caught.value.problems}
