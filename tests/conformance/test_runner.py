from collections.abc import Iterator
from dataclasses import replace

import pytest

from conformance.gateway import KEY, Gateway, serving
from vidspec.conformance import (
    Event,
    Options,
    Run,
    Target,
    check,
    read_lines,
    requirements_for,
    runner,
)
from vidspec.conformance.events import Ended, JobSeen, Started
from vidspec.conformance.observe import ALWAYS
from vidspec.conformance.scenarios import registered
from vidspec.contract import Contract
from vidspec.errors import UsageError

_FAIL = "fail please"


def _check(contract: Contract, gateway: Gateway, **options: object) -> Run:
    chosen = Options(**{"mode": "smoke", "poll_interval": 0.02, **options})  # type: ignore[arg-type]
    with serving(gateway.app()) as origin:
        return check(
            contract, Target(f"{origin}/v1", "openai", api_key=KEY, model="sora-2"), chosen
        )


def test_a_gateway_that_is_not_the_mock_conforms(contract: Contract) -> None:
    gateway = Gateway(job_seconds=1.1)
    run = _check(contract, gateway, fail_prompt=_FAIL)

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == gateway.paid == 3
    assert gateway.jobs == {}
    assert set(run.having("disabled")) == {
        "schema-generated-requests",
        "delete-then-remix",
        "concurrency-creates-distinct",
    }
    # It has neither edits nor extensions, characters or models, and says no more than 404 of them.
    lacking = {id_.partition("-")[0] for id_ in run.having("unsupported")}
    assert lacking == {"auth", "character", "edit", "extend", "models", "retrieve"}


def test_free_makes_no_paid_call_and_calls_nothing_passed_that_was_not_seen(
    contract: Contract,
) -> None:
    gateway = Gateway(habits=frozenset({"accepts_everything"}))
    run = _check(contract, gateway, mode="free")

    assert gateway.paid == run.footer.paid == 0
    assert run.exit_code == 0
    assert "create-accepted" in run.having("disabled")
    assert "auth-retrieve-refused" in run.having("pass")


@pytest.mark.parametrize("budget", [0, 1, 2, 3])
def test_the_budget_holds_on_a_gateway_that_accepts_everything(
    contract: Contract, budget: int
) -> None:
    gateway = Gateway(habits=frozenset({"accepts_everything"}))
    run = _check(contract, gateway, budget=budget)

    assert run.footer.paid == gateway.paid <= budget


def test_an_accepted_invalid_create_is_a_failure_and_no_second_is_sent(contract: Contract) -> None:
    gateway = Gateway(habits=frozenset({"accepts_everything"}))
    run = _check(contract, gateway)

    assert "create-required-refused" in run.having("fail")
    assert "create-wrong-type-refused" in run.having("not_reached")
    assert run.exit_code == 1


def test_a_job_that_never_ends_leaves_what_needs_it_untestable(contract: Contract) -> None:
    run = _check(contract, Gateway(job_seconds=1000), job_timeout=0.1)

    assert run.having("fail") == ("retrieve-reaches-end",)
    assert {"content-available", "media-is-video", "remix-accepted"} <= set(
        run.having("untestable")
    )
    assert run.exit_code == 1


def test_a_run_out_of_time_is_complete_in_its_report(contract: Contract) -> None:
    run = _check(contract, Gateway(job_seconds=1000), max_time=0.2)

    assert run.exit_code in {1, 4} or run.having("not_reached")
    assert {o.requirement for o in run.outcomes} == {rule.id for rule in run.header.rules}
    assert "media-is-video" not in run.having("pass")


def test_an_interrupted_run_is_reported_as_truncated(contract: Contract) -> None:
    def interrupt(event: Event) -> None:
        if isinstance(event, Started) and event.scenario == "list":
            raise KeyboardInterrupt

    with serving(Gateway().app()) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY)
        run = check(contract, target, Options(mode="smoke", poll_interval=0.02), interrupt)

    assert (run.footer.state, run.footer.reason) == ("truncated", "interrupted")
    assert "delete-accepted" in run.having("not_reached")
    assert run.exit_code == 4


def test_only_and_skip_choose_by_id_or_its_beginning(contract: Contract) -> None:
    run = _check(contract, Gateway(), only=("delete-",), skip=("delete-twice",))

    assert {rule.id for rule in run.header.rules} == {
        "delete-accepted", "delete-then-retrieve", "delete-then-content", "delete-then-list",
        "delete-unknown-refused", "delete-names-job", "delete-only-one", "delete-then-remix",
    }  # fmt: skip
    assert set(run.counts()) == {"pass", "disabled"}
    with pytest.raises(UsageError, match="no requirement begins with 'nonsense'"):
        _check(contract, Gateway(), only=("nonsense",))


@pytest.mark.parametrize("chosen", ["schema-types", "errors-envelope"])
def test_what_every_reply_is_judged_for_is_judged_by_more_than_one(
    contract: Contract, chosen: str
) -> None:
    """A requirement that no scenario is about is chosen: jobs are made and free questions asked all the same."""
    gateway = Gateway()
    run = _check(contract, gateway, only=(chosen,))

    assert run.having("pass") == (chosen,)
    assert run.footer.counts[chosen] > 10
    assert 0 < gateway.paid == run.footer.paid
    free = _check(contract, Gateway(), mode="free", only=(chosen,))
    assert (free.footer.paid, free.having("pass")) == (0, (chosen,))


def test_no_job_is_made_for_questions_that_need_none(contract: Contract) -> None:
    gateway = Gateway()
    run = _check(contract, gateway, only=("auth-", "transport-unknown", "create-required"))

    assert gateway.paid == run.footer.paid == 0
    assert set(run.counts()) == {"pass", "unsupported"}


def test_the_stream_reads_back_as_the_same_run(contract: Contract) -> None:
    run = _check(contract, Gateway())

    assert Run.of(read_lines(run.lines().splitlines())) == run
    cut = Run.of(read_lines(run.lines().splitlines()[:-40]))
    assert cut.footer.state == "truncated"
    assert cut.exit_code in {1, 4}
    with pytest.raises(UsageError, match="line 1 is not an event"):
        list(read_lines(["{}"]))


def test_the_life_of_each_job_is_in_the_stream(contract: Contract) -> None:
    seen = [e for e in _check(contract, Gateway()).events if isinstance(e, JobSeen)]

    assert {e.job for e in seen} >= {"first", "second"}
    assert [e.state for e in seen if e.job == "first"][-1] == "completed"


def _judged() -> Iterator[str]:
    yield from ALWAYS
    for scenario in registered():
        yield from scenario.judges


def test_every_requirement_is_judged_by_one_scenario_or_is_excluded(contract: Contract) -> None:
    judged = list(_judged())
    testable = {r.id for r in contract.requirements if not r.excluded}

    assert len(judged) == len(set(judged))
    assert set(judged) == testable


def test_needs_decide_what_a_dialect_is_held_to(contract: Contract) -> None:
    openai, kling = (
        {r.id for r in requirements_for(contract, contract.dialects[name])}
        for name in ("openai", "kling")
    )

    assert {"delete-twice", "list-cursor", "remix-source", "media-size"} <= openai - kling
    assert {"list-page", "content-result-url", "media-aspect-ratio"} <= kling - openai
    assert len(openai & kling) > 40


def test_a_scenario_that_silently_judges_nothing_leaves_the_run_incomplete(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = [
        replace(s, run=lambda _session: None) if s.name == "paths and methods" else s
        for s in registered()
    ]
    monkeypatch.setattr(runner, "registered", lambda: tuple(mute))
    run = _check(contract, Gateway(), mode="free")

    assert run.footer.state == "incomplete"
    assert run.footer.reason == "scenarios that judged nothing: paths and methods"
    assert "transport-unknown-path" in run.having("error")
    assert run.exit_code == 4


def test_what_needs_a_job_says_why_there_is_none(contract: Contract) -> None:
    run = _check(contract, Gateway(habits=frozenset({"refuses_everything"})))

    (reason,) = {o.reason for o in run.outcomes if o.requirement == "media-is-video"}
    assert reason == "there is no first job: its create was answered with 400 (not today)"
    (reason,) = {o.reason for o in run.outcomes if o.requirement == "create-id"}
    assert reason == "left open after create-accepted failed"


def test_a_path_that_is_not_there_is_not_open_to_strangers(contract: Contract) -> None:
    run = _check(contract, Gateway(habits=frozenset({"no_remix"})))

    (outcome,) = (o for o in run.outcomes if o.requirement == "auth-remix-refused")
    assert outcome.verdict == "unsupported"
    assert outcome.reason == "the gateway has no POST /videos/{video_id}/remix"
    assert "remix-unknown-status" in run.having("pass")
    assert "remix-accepted" in run.having("fail", "disabled")


def test_a_scenario_that_came_to_its_end_gives_no_reason(contract: Contract) -> None:
    events: list[Event] = []
    with serving(Gateway().app()) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY, model="sora-2")
        check(contract, target, Options(mode="smoke", poll_interval=0.02), on_event=events.append)

    ended = {event.scenario: event.reason for event in events if isinstance(event, Ended)}
    assert {ended["first job"], ended["life of a job"], ended["content"]} == {""}
