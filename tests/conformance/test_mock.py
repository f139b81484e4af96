"""The check against the mock: sound it passes, and each fault is noticed by exactly the requirement that forbids it."""

from collections.abc import Mapping
from typing import Any

import pytest

from vidspec.conformance import Options, Run, Target, check, requirements_for
from vidspec.contract import Contract, Dialect, load_contract
from vidspec.mock import running
from vidspec.mock.faults import faults_of
from vidspec.mock.options import FAIL_MARKER

_CONTRACT = load_contract()
_MODELS = {
    "openai": "sora-2",
    "kling": "kling-v1",
    "bifrost": "openai/sora-2",
    "jimeng": "jimeng_t2v_v30",
    "modelgates": "google/veo-3.1",
    "newapi": "sora-2",
    "openrouter": "google/veo-3.1",
}
_KEYS = {"access_key": "AKLTtest0123456789", "secret_key": "secret-0123456789"}
_OTHER_SURFACES = [
    (name, surface.name)
    for name, dialect in _CONTRACT.dialects.items()
    for surface in dialect.surfaces.values()
    if not surface.default and dialect.by_role("create", surface.name)
]


#: Faults that a dialect cannot show, or not alone.
_COUPLED = {
    # These jobs do not show their ids when they are retrieved.
    ("jimeng", "retrieve-id-stable"),
    ("jimeng", "concurrency-own-answers"),
    # Here a job that is not found has ended, an unknown one is told with success, and no word says failed.
    ("jimeng", "retrieve-found"),
    ("jimeng", "errors-not-found-status"),
    ("jimeng", "create-initial-state"),
    ("jimeng", "schema-status-documented"),
    # Here no reply need have a creation time.
    ("bifrost", "schema-required"),
    # These do not show when they expire.
    ("newapi", "retrieve-expires-after-completed"),
}


def _can_show(dialect: Dialect, fault: Mapping[str, Any]) -> bool:
    """Say whether the dialect has the answer and the job fields that a fault spoils."""
    places = [*fault.get("remove", ()), *fault.get("set", ()), *fault.get("put", ())]
    if not {p.removeprefix("job.") for p in places if p.startswith("job.")} <= set(
        dialect.surface.job
    ):
        return False
    if isinstance(fault.get("role"), str) and dialect.by_role(fault["role"]) is None:
        return False
    if "cause" not in fault:
        return True
    cause = dialect.causes.get(fault["cause"])
    # The mock tells causes apart by their answers.
    same = [
        c
        for c in dialect.causes.values()
        if cause and (c.status, c.body) == (cause.status, cause.body)
    ]
    return len(same) == 1 or dialect.name in {"openai", "kling"}


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


#: What costs more than the jobs of the pool is asked for in the larger modes alone.
_PAID = frozenset(
    """edit-accepted edit-new-id edit-echo-prompt extend-accepted extend-new-id
    character-accepted character-found character-name-refused delete-then-remix
    concurrency-creates-distinct""".split()  # noqa: SIM905 - a list of ids reads better without quotes
)


def _cases() -> list[tuple[str, str]]:
    """Return every requirement once, each time in the next of the dialects that can show its fault."""
    able: dict[str, list[str]] = {}
    for name, dialect in _CONTRACT.dialects.items():
        for rule in requirements_for(_CONTRACT, dialect):
            if rule.fault and _can_show(dialect, rule.fault) and (name, rule.id) not in _COUPLED:
                able.setdefault(rule.id, []).append(name)
    able.pop("schema-generated-requests")
    turns = [(names[n % len(names)], id_) for n, (id_, names) in enumerate(able.items())]
    return [*dict.fromkeys([*turns, *(("openai", id_) for id_ in _TWELVE.values())])]


_CASES = _cases()


def _check(dialect: str, broken: str | None = None, **options: object) -> tuple[Run, int]:
    faults = faults_of(_CONTRACT.requirements, [broken] if broken else [])
    # Jobs made within one second have no order that could be wrong.
    seconds = 1.1 if broken == "list-order" else 0.5
    with running(dialect, contract=_CONTRACT, job_seconds=seconds, faults=faults) as gateway:
        signed = _CONTRACT.dialects[dialect].credentials[0].kind == "volcengine-v4"
        target = Target(
            gateway.base_url,
            dialect,
            api_key=None if signed else "sk-test-0123456789",
            secrets=_KEYS if signed else {},
            model=_MODELS[dialect] if "surface" not in options else None,
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

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    # Where there is much to pay for, the budget leaves no two calls for creates that overlap.
    assert set(run.having("disabled")) <= {"concurrency-creates-distinct"}
    assert run.exit_code == 0
    assert run.footer.paid == paid <= 6
    assert run.footer.requests > 100
    assert run.footer.seconds <= 30


@pytest.mark.parametrize(("dialect", "surface"), _OTHER_SURFACES)
def test_every_surface_passes_in_smoke(dialect: str, surface: str) -> None:
    run, paid = _check(dialect, surface=surface)

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
        """auth-delete-refused content-variants create-unknown-value-refused delete-accepted
        delete-unknown-refused errors-envelope list-limit list-cursor schema-required""",
    ),
    "sglang": (
        "openai",
        "auth-remix-refused create-accepted errors-invalid-status errors-envelope",
    ),
    "vllm-omni": (
        "openai",
        "auth-remix-refused create-accepted errors-invalid-status errors-envelope",
    ),
}


@pytest.mark.parametrize("gateway", _OBSERVED)
def test_what_a_gateway_is_seen_to_do_is_judged_by_the_published_text(gateway: str) -> None:
    dialect, broken = _OBSERVED[gateway]
    with running(gateway, profile="observed", job_seconds=0.4) as mock:
        target = Target(mock.base_url, dialect, api_key="sk-test-0123456789")
        chosen = Options(mode="smoke", poll_interval=0.03, job_timeout=3)
        run = check(_CONTRACT, target, chosen)

    assert set(run.having("fail")) == set(broken.split())
    assert run.having("error") == ()
    assert (run.exit_code, run.footer.state) == (1, "complete")


@pytest.mark.parametrize(("dialect", "broken"), _CASES, ids=[f"{d}-{i}" for d, i in _CASES])
def test_a_fault_fails_its_own_requirement_and_no_other(dialect: str, broken: str) -> None:
    # One call more than the mode allows: a gateway that accepts what it should refuse has spent one.
    mode, budget = ("standard", 7) if broken in _PAID else ("smoke", 4)
    run, paid = _check(
        dialect, broken, mode=mode, budget=budget, job_timeout=2,
        fail_prompt=f"A {FAIL_MARKER} cat", skip=("schema-generated-requests",),
    )  # fmt: skip

    assert run.having("fail", "warn", "error") == (broken,)
    assert run.footer.paid == paid <= budget


def test_every_requirement_that_is_not_excluded_has_its_case(contract: Contract) -> None:
    testable = {r.id for r in contract.requirements if not r.excluded}

    assert testable - {broken for _, broken in _CASES} == {"schema-generated-requests"}
    assert len(contract.requirements) >= 150
    assert len(testable) >= 150


def test_generated_requests_find_a_constraint_that_no_scenario_knows() -> None:
    run, paid = _check("openai", "schema-generated-requests", mode="standard")

    assert run.having("fail", "warn", "error") == ("schema-generated-requests",)
    assert paid <= 6


def test_the_twelve_first_faults_are_among_the_cases(contract: Contract) -> None:
    assert len(_TWELVE) == 12 == len(set(_TWELVE.values()))
    assert {("openai", broken) for broken in _TWELVE.values()} <= set(_CASES)
