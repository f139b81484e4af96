"""The check against the mock: sound it passes, and each fault is noticed by exactly the requirement that forbids it."""

import pytest

from vidspec.conformance import Options, Run, Target, check, requirements_for
from vidspec.contract import Contract, load_contract
from vidspec.mock import running
from vidspec.mock.faults import faults_of
from vidspec.mock.options import FAIL_MARKER

_CONTRACT = load_contract(dialects=["openai", "kling"])
_MODELS = {"openai": "sora-2", "kling": "kling-v1"}
_CASES = [
    (dialect, requirement.id)
    for dialect in _MODELS
    for requirement in requirements_for(_CONTRACT, _CONTRACT.dialects[dialect])
    if not requirement.excluded and requirement.id != "schema-generated-requests"
]
#: The twelve planted faults that the suite was first asked for.
_TWELVE = {
    "wrong status code": "create-accepted",
    "missing field": "schema-required",
    "wrong enum": "retrieve-status-known",
    "seconds as integer": "retrieve-seconds-type",
    "content before completion": "content-not-before-completion",
    "get after delete": "delete-then-retrieve",
    "list without the new job": "list-contains-new",
    "ids that change": "retrieve-id-stable",
    "wrong content type": "schema-content-type",
    "remix of an unfinished job": "remix-needs-completed",
    "wrong error envelope": "errors-envelope",
    "milliseconds for seconds": "retrieve-times-unit",
}


def _check(dialect: str, broken: str | None = None, **options: object) -> tuple[Run, int]:
    faults = faults_of(_CONTRACT.requirements, [broken] if broken else [])
    # Jobs made within one second have no order that could be wrong.
    seconds = 1.1 if broken == "list-order" else 0.5
    with running(dialect, contract=_CONTRACT, job_seconds=seconds, faults=faults) as gateway:
        target = Target(
            gateway.base_url, dialect, api_key="sk-test-0123456789", model=_MODELS[dialect]
        )
        chosen = Options(**{"mode": "smoke", "poll_interval": 0.03, **options})  # type: ignore[arg-type]
        run = check(_CONTRACT, target, chosen)
        return run, gateway.paid_calls


@pytest.mark.parametrize("dialect", _MODELS)
def test_a_sound_mock_passes_in_smoke(dialect: str) -> None:
    run, paid = _check(dialect)

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 3
    assert run.footer.seconds <= 3


@pytest.mark.parametrize("dialect", _MODELS)
def test_a_sound_mock_passes_in_standard(dialect: str) -> None:
    run, paid = _check(dialect, mode="standard", fail_prompt=f"A {FAIL_MARKER} cat")

    assert run.having("fail", "warn", "untestable", "error", "not_reached", "disabled") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 6
    assert run.footer.requests > 200
    assert run.footer.seconds <= 30


@pytest.mark.parametrize(("dialect", "broken"), _CASES, ids=[f"{d}-{i}" for d, i in _CASES])
def test_a_fault_fails_its_own_requirement_and_no_other(dialect: str, broken: str) -> None:
    # One call more than smoke allows: a gateway that accepts what it should refuse has spent one.
    run, paid = _check(dialect, broken, budget=4, job_timeout=2, fail_prompt=f"A {FAIL_MARKER} cat")

    assert run.having("fail", "warn", "error") == (broken,)
    assert run.footer.paid == paid <= 4


def test_generated_requests_find_a_constraint_that_no_scenario_knows() -> None:
    run, paid = _check("openai", "schema-generated-requests", mode="standard")

    assert run.having("fail", "warn", "error") == ("schema-generated-requests",)
    assert paid <= 6


def test_the_twelve_first_faults_are_among_the_cases(contract: Contract) -> None:
    assert len(_TWELVE) == 12 == len(set(_TWELVE.values()))
    assert {("openai", broken) for broken in _TWELVE.values()} <= set(_CASES)
    assert len(contract.requirements) >= 100
