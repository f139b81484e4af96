"""What a report says of a reply whose status and envelope disagree, and of ids that are none."""

import json
from typing import Any

import pytest

from conformance.gateway import KEY, serving
from conformance.layers import Changed, Whole
from vidspec.conformance import Options, Run, Target, check
from vidspec.contract import load_contract
from vidspec.mock import build_app
from vidspec.mock.options import MockOptions


def _create_answered_with(change: dict[str, Any]) -> Run:
    def rewrite(reply: Whole) -> None:
        if reply.is_json and reply.status == 200 and b"Submit" in reply.scope["query_string"]:
            body = json.loads(reply.body)
            reply.put(json.dumps({**body, **change}).encode())

    contract = load_contract(dialects=["jimeng"])
    mock = build_app(contract, ["jimeng"], MockOptions(job_seconds=0.2))
    secrets = {"access_key": "AKLTtest0123456789", "secret_key": KEY}
    with serving(Changed(mock, rewrite)) as origin:
        target = Target(origin + mock.base_paths["jimeng"], "jimeng", secrets=secrets)
        return check(contract, target, Options(mode="smoke", poll_interval=0.05, job_timeout=2))


@pytest.mark.parametrize(
    ("change", "requirement", "received"),
    [
        ({"code": 0}, "create-accepted", "200 with 0 at /code, not 10000"),
        ({"data": {"task_id": 7}}, "create-id", "7"),
    ],
)
def test_the_value_that_is_wrong_is_named(
    change: dict[str, Any], requirement: str, received: str
) -> None:
    run = _create_answered_with(change)

    assert requirement in run.having("fail")
    assert any(found.received.startswith(received) for found in run.failures_of(requirement))
    expected = {found.expected for found in run.failures_of("create-id")}
    assert "a text at /task_id" not in expected
