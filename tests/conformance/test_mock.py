"""The check against the mock: sound it passes, and each fault is noticed by exactly the requirement that forbids it."""

import os

import pytest

from mutation.scoring import read_list
from mutation.trial import MODELS, Mutant, attempt, mutants
from vidspec.conformance import Options, Run, Target, check
from vidspec.contract import Contract, load_contract
from vidspec.mock import running
from vidspec.mock.faults import faults_of
from vidspec.mock.options import FAIL_MARKER

_CONTRACT = load_contract()
_KEYS = {"access_key": "AKLTtest0123456789", "secret_key": "secret-0123456789"}
_OTHER_SURFACES = [
    (name, surface.name)
    for name, dialect in _CONTRACT.dialects.items()
    for surface in dialect.surfaces.values()
    if not surface.default and dialect.by_role("create", surface.name)
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


def _cases() -> list[Mutant]:
    """Return every requirement once, each time in the next of the dialects that can show its fault alone."""
    listed = read_list()
    able: dict[str, list[Mutant]] = {}
    for mutant in mutants(_CONTRACT):
        if not any(entry.names(mutant) for entry in listed):
            able.setdefault(mutant.requirement, []).append(mutant)
    turns = [some[n % len(some)] for n, some in enumerate(able.values())]
    return [*dict.fromkeys([*turns, *(Mutant("openai", id_) for id_ in _TWELVE.values())])]


_CASES = _cases()


def judged(dialect: str, broken: str | None = None, **options: object) -> tuple[Run, int]:
    """Check a mock on a socket, with one fault or none; give the run, and what the mock was paid for."""
    faults = faults_of(_CONTRACT.requirements, [broken] if broken else [])
    with running(dialect, contract=_CONTRACT, job_seconds=0.5, faults=faults) as gateway:
        signed = _CONTRACT.dialects[dialect].credentials[0].kind == "volcengine-v4"
        target = Target(
            gateway.base_url,
            dialect,
            api_key=None if signed else "sk-test-0123456789",
            secrets=_KEYS if signed else {},
            model=MODELS[dialect] if "surface" not in options else None,
        )
        chosen = Options(**{"mode": "smoke", "poll_interval": 0.03, **options})  # type: ignore[arg-type]
        run = check(_CONTRACT, target, chosen)
        return run, gateway.paid_calls


def working(since: float = 0.0) -> float:
    """Return the seconds that processors worked for us and our ended children: they do not grow with others' load."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system - since


@pytest.mark.parametrize("dialect", MODELS)
def test_a_sound_mock_passes_in_smoke(dialect: str) -> None:
    began = working()
    run, paid = judged(dialect)

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 3
    assert working(began) <= 3


@pytest.mark.parametrize("dialect", MODELS)
def test_a_sound_mock_passes_in_standard(dialect: str) -> None:
    began = working()
    run, paid = judged(dialect, mode="standard", fail_prompt=f"A {FAIL_MARKER} cat")

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    # Where there is much to pay for, the budget leaves no two calls for creates that overlap.
    assert set(run.having("disabled")) <= {"concurrency-creates-distinct"}
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 6
    assert run.footer.requests > 100
    assert working(began) <= 30


@pytest.mark.parametrize(("dialect", "surface"), _OTHER_SURFACES)
def test_every_surface_passes_in_smoke(dialect: str, surface: str) -> None:
    run, paid = judged(dialect, surface=surface)

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 3
    assert run.header.surface == surface


#: Gateway → its dialect, and the requirements of the published text that it is seen to break.
_OBSERVED = {
    "newapi": (
        "newapi",
        """content-not-ready-status errors-not-found-status errors-message retrieve-status-known
        schema-required""",
    ),
    "bifrost": ("bifrost", "create-accepted"),
    "litellm": (
        "openai",
        """content-variants create-unknown-value-refused delete-accepted
        delete-unknown-refused errors-envelope list-limit list-cursor schema-required""",
    ),
    "sglang": (
        "openai",
        """content-variants create-accepted errors-envelope errors-invalid-status remix-accepted
        remix-not-ready-status schema-required schema-types""",
    ),
    "vllm-omni": (
        "openai",
        """content-variants create-accepted errors-envelope errors-invalid-status remix-accepted
        remix-not-ready-status""",
    ),
}


#: What shows only where two jobs were made in different seconds: a list that knows no order.
_BY_CHANCE: dict[str, set[str]] = {"litellm": {"list-order"}}


@pytest.mark.parametrize("gateway", _OBSERVED)
def test_what_a_gateway_is_seen_to_do_is_judged_by_the_published_text(gateway: str) -> None:
    dialect, broken = _OBSERVED[gateway]
    with running(gateway, profile="observed", job_seconds=0.4) as mock:
        target = Target(mock.base_url, dialect, api_key="sk-test-0123456789")
        chosen = Options(mode="smoke", poll_interval=0.03, job_timeout=3)
        run = check(_CONTRACT, target, chosen)

    assert set(run.having("fail")) - _BY_CHANCE.get(gateway, set()) == set(broken.split())
    assert run.having("error") == ()
    assert (run.exit_code, run.footer.state) == (1, "complete")


@pytest.mark.parametrize("mutant", _CASES, ids=[f"{m.dialect}-{m.requirement}" for m in _CASES])
def test_a_fault_fails_its_own_requirement_and_no_other(mutant: Mutant) -> None:
    trial = attempt(_CONTRACT, mutant)

    assert (trial.result, trial.others) == ("killed", ())


def test_every_requirement_that_is_not_excluded_has_its_case(contract: Contract) -> None:
    testable = {r.id for r in contract.requirements if not r.excluded}

    assert testable == {mutant.requirement for mutant in _CASES}
    assert len(contract.requirements) >= 150
    assert len(testable) >= 150


def test_the_twelve_first_faults_are_among_the_cases(contract: Contract) -> None:
    assert len(_TWELVE) == 12 == len(set(_TWELVE.values()))
    assert {Mutant("openai", broken) for broken in _TWELVE.values()} <= set(_CASES)
