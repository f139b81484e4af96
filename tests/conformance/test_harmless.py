"""No false alarm: what no contract forbids is no failure, one habit at a time and all at once."""

from typing import Any

import pytest

from conformance.gateway import KEY, serving
from conformance.harmless import REPLIES, Away, Harmless, StoreHouse, Without
from conformance.layers import Changed
from conformance.stub_openai import Studio
from vidspec.conformance import Options, Run, Target, Verdict, check
from vidspec.contract import Contract, dialect_names, load_contract
from vidspec.mock import build_app
from vidspec.mock.options import MockOptions

_HABITS = (*(name for name in REPLIES if name != "unmeasured"), "slow", "elsewhere")
_BAD: tuple[Verdict, ...] = ("fail", "warn", "untestable", "error", "not_reached")


def _check(contract: Contract, app: Any, path: str, dialect: str, **options: Any) -> Run:
    with serving(app) as origin:
        signed = contract.dialects[dialect].credentials[0].kind == "volcengine-v4"
        target = Target(
            origin + path,
            dialect,
            api_key=None if signed else KEY,
            secrets={"access_key": "AKLTtest0123456789", "secret_key": KEY} if signed else {},
        )
        return check(contract, target, Options(**{"poll_interval": 0.05, **options}))


@pytest.mark.parametrize("habit", _HABITS)
def test_a_habit_is_no_failure(contract: Contract, habit: str) -> None:
    # What is asked of an unfinished job must come in time, however slow the answers are.
    studio = Studio(job_seconds=5.0 if habit == "slow" else 1.1)
    app = Harmless(studio.app(), (habit,))
    run = _check(contract, app, "/v1", "openai", mode="smoke")

    assert run.having(*_BAD) == ()
    assert run.exit_code == 0
    assert run.footer.paid == studio.paid <= 3
    assert (habit == "elsewhere") == bool(app.moved)


def test_a_video_of_unsaid_length_is_a_warning_and_no_more(contract: Contract) -> None:
    app = Harmless(Studio().app(), ("unmeasured",))
    run = _check(contract, app, "/v1", "openai", mode="smoke")

    assert run.having("warn") == ("content-length",)
    assert run.having("fail", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0


def test_all_habits_together_are_none_either(contract: Contract) -> None:
    studio = Studio()
    habits = tuple(habit for habit in _HABITS if habit != "slow")
    app = Harmless(studio.app(), habits)
    run = _check(contract, app, "/v1", "openai", mode="standard", fail_prompt="fail please")

    assert run.having(*_BAD) == ()
    assert run.exit_code == 0
    assert run.footer.paid == studio.paid <= 6


@pytest.mark.parametrize("dialect", dialect_names())
def test_habits_are_no_failure_in_any_dialect(dialect: str) -> None:
    contract = load_contract(dialects=[dialect])
    mock = build_app(contract, [dialect], MockOptions(job_seconds=0.5))
    habits = tuple(habit for habit in _HABITS if habit != "slow")
    path = mock.base_paths[dialect]
    run = _check(contract, Harmless(mock, habits), path, dialect, mode="smoke")

    assert run.having(*_BAD) == ()
    assert run.exit_code == 0
    assert run.footer.paid == mock.store.paid_calls <= 3


@pytest.mark.parametrize("dialect", ["openai", "openrouter", "newapi"])
def test_a_film_in_a_store_of_its_own_is_no_failure(dialect: str) -> None:
    contract = load_contract(dialects=[dialect])
    mock = build_app(contract, [dialect], MockOptions(job_seconds=0.5))
    away = Away(mock)
    with serving(StoreHouse(mock, f"Bearer {KEY}")) as away.store:
        run = _check(contract, away, mock.base_paths[dialect], dialect, mode="standard")

    assert run.having(*_BAD) == ()
    # Pieces, and the headers alone, are asked of the store as they are asked of the gateway.
    assert {"content-range", "content-head"} <= set(run.having("pass"))
    assert away.moved


def test_a_route_that_nobody_publishes_may_be_missing() -> None:
    contract = load_contract(dialects=["newapi"])
    mock = build_app(contract, ["newapi"], MockOptions(job_seconds=0.5))
    path = mock.base_paths["newapi"]
    run = _check(contract, Without(mock, "/remix"), path, "newapi", mode="standard")

    assert run.having(*_BAD) == ()
    missing = {o.reason for o in run.outcomes if o.requirement.startswith("remix-")}
    assert missing == {"the gateway has no path /v1/videos/{video_id}/remix"}


def test_a_surface_that_was_named_is_all_that_is_asked() -> None:
    contract = load_contract(dialects=["newapi"])
    mock = build_app(contract, ["newapi"], MockOptions(job_seconds=0.5))
    asked: set[str] = set()
    seen = Changed(mock, lambda reply: asked.add(reply.asked))
    run = _check(
        contract, seen, mock.base_paths["newapi"], "newapi", mode="standard", surface="generations"
    )

    assert run.having(*_BAD) == ()
    assert "schema-generated-requests" in run.having("pass")
    creates = {one for one in asked if one.startswith("POST ")}
    assert creates == {"POST /v1/video/generations"}
    assert not any(one.startswith("GET /v1/tasks/") for one in asked)
