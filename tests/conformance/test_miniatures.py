"""Poor gateways, each with one sin: the verdicts name it, whole and valid, without a traceback."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import ASGIApp

from conformance.gateway import KEY, serving
from conformance.miniatures import (
    Endless,
    Forgetful,
    Greedy,
    Hanging,
    LosesIds,
    breaks_off,
    html_errors,
    milliseconds,
    relay,
    spoiled,
    stateless,
)
from conformance.stub_openai import Studio
from vidspec.conformance import Event, Options, Run, Target, check, read_lines, render
from vidspec.conformance.events import Ended, Started
from vidspec.contract import Contract


def _check(
    contract: Contract,
    origin: str,
    on_event: Callable[[Event], None] | None = None,
    timeout: float = 60.0,
    **options: Any,
) -> Run:
    target = Target(f"{origin}/v1", "openai", api_key=KEY, model="sora-2", timeout=timeout)
    chosen = Options(**{"mode": "smoke", "poll_interval": 0.05, "job_timeout": 2, **options})
    run = check(contract, target, chosen, on_event)

    # Whole and valid: a verdict for every requirement, and it reads back as it was.
    assert {o.requirement for o in run.outcomes} == {rule.id for rule in run.header.rules}
    assert Run.of(read_lines(run.lines().splitlines())) == run
    assert not any("vidspec failed" in o.reason for o in run.outcomes)
    return run


#: The sin → the gateway, what it fails, and what it is warned of.
_SINS: dict[str, tuple[Callable[[], ASGIApp], str, str]] = {
    "forgetful store": (
        lambda: Forgetful().app(),
        "list-contains-new retrieve-reaches-end",
        "",
    ),
    "jobs that never finish": (lambda: Endless().app(), "retrieve-reaches-end", ""),
    "times in milliseconds": (lambda: spoiled(milliseconds), "retrieve-times-unit", ""),
    "errors in HTML": (
        lambda: spoiled(html_errors),
        "errors-envelope errors-json",
        "content-range-size transport-allow-header",
    ),
    "a proxy that loses ids": (
        lambda: spoiled(LosesIds()),
        "list-first list-last retrieve-found retrieve-reaches-end",
        "",
    ),
}


@pytest.mark.parametrize("sin", _SINS)
def test_a_sin_has_its_verdicts(
    contract: Contract, sin: str, capfd: pytest.CaptureFixture[str]
) -> None:
    make, fails, warnings = _SINS[sin]
    with serving(make()) as origin:
        run = _check(contract, origin, fail_prompt="fail please")

    assert set(run.having("fail")) == set(fails.split())
    assert set(run.having("warn")) == set(warnings.split())
    assert run.having("error") == ()
    assert (run.exit_code, run.footer.state) == (1, "complete")
    assert "Traceback" not in "".join(capfd.readouterr())


def test_what_never_finished_or_was_forgotten_is_not_called_passed(contract: Contract) -> None:
    for studio in (Endless(), Forgetful()):
        with serving(studio.app()) as origin:
            run = _check(contract, origin, job_timeout=0.3)

        needed = {"content-available", "delete-accepted", "media-is-video", "remix-accepted"}
        assert needed <= set(run.having("untestable"))


@pytest.mark.parametrize("mode", ["free", "standard"])
def test_an_example_server_is_called_stateless_and_costs_nothing(
    contract: Contract, mode: str
) -> None:
    with serving(stateless()) as origin:
        run = _check(contract, origin, mode=mode)

    assert [finding.code for finding in run.findings] == ["stateless"]
    assert set(run.having("fail")) == {"errors-unknown-id-refused"}
    assert (run.exit_code, run.footer.paid) == (1, 0)
    assert not {"create-accepted", "retrieve-found"} & set(run.having("pass"))
    assert "does not conform" in render(run, "badge")
    assert "does not conform" in render(run, "markdown")


def test_a_gateway_that_hangs_is_not_measured(contract: Contract) -> None:
    with serving(Hanging(Studio().app())) as origin:
        run = _check(contract, origin, timeout=0.5)

    assert [finding.code for finding in run.findings] == ["timeout"]
    assert set(run.counts()) == {"not_reached"}
    assert (run.exit_code, run.footer.paid) == (4, 0)


#: What cannot be said of a gateway that serves no content.
_NO_CONTENT = """content-available content-type content-length content-validator content-variants
    content-variant-unknown concurrency-downloads-agree"""
_NO_BYTES = """content-range content-range-unsatisfiable content-head media-is-video media-size
    media-seconds media-codec media-faststart media-complete content-range-header
    content-range-suffix content-range-open content-range-size content-if-range
    content-if-none-match content-head-same"""
_NO_REFUSALS = """auth-content-refused content-unknown-status content-not-before-completion
    content-not-ready-status delete-then-content"""


def test_one_operation_that_hangs_leaves_the_others_judged(contract: Contract) -> None:
    app = Hanging(Studio().app(), lambda asked: asked.endswith("/content"))
    with serving(app) as origin:
        run = _check(contract, origin, timeout=0.5)

    assert run.having("fail", "warn", "not_reached") == ()
    assert set(run.having("error")) == set(f"{_NO_CONTENT} {_NO_REFUSALS}".split())
    assert set(run.having("untestable")) == set(_NO_BYTES.split())
    assert {"delete-accepted", "delete-then-list", "remix-accepted"} <= set(run.having("pass"))
    assert run.exit_code == 4


def test_one_operation_that_drops_connections_leaves_the_others_judged(contract: Contract) -> None:
    with (
        serving(Studio().app()) as behind,
        relay(behind, lambda piece: b"/content" in piece.partition(b"\r\n")[0]) as origin,
    ):
        run = _check(contract, origin)

    assert run.having("fail", "warn", "not_reached") == ()
    assert set(run.having("error")) == set(f"{_NO_CONTENT} {_NO_REFUSALS}".split())
    assert set(run.having("untestable")) == set(_NO_BYTES.split())
    assert run.exit_code == 4


def test_a_video_that_breaks_off_is_no_video(contract: Contract) -> None:
    with serving(spoiled(breaks_off)) as origin:
        run = _check(contract, origin)

    assert run.having("fail", "warn", "not_reached") == ()
    assert set(run.having("error")) == set(_NO_CONTENT.split())
    assert set(run.having("untestable")) == set(_NO_BYTES.split())
    assert run.exit_code == 4


def test_connections_that_all_drop_are_one_finding(contract: Contract) -> None:
    with serving(Studio().app()) as behind, relay(behind, lambda piece: True) as origin:
        run = _check(contract, origin)

    assert [finding.code for finding in run.findings] == ["network"]
    assert (run.exit_code, run.footer.paid) == (4, 0)


@pytest.mark.parametrize("moment", ["first job", "life of a job", "content", "deletion"])
def test_a_gateway_that_dies_leaves_a_whole_report(
    contract: Contract, moment: str, capfd: pytest.CaptureFixture[str]
) -> None:
    dead: list[Event] = []

    def watch(event: Event) -> None:
        if isinstance(event, Started) and event.scenario == moment:
            dead.append(event)

    studio = Studio()
    with serving(studio.app()) as behind, relay(behind, lambda piece: bool(dead)) as origin:
        run = _check(contract, origin, watch)

    assert run.having("fail", "warn") == ()
    assert run.having("error")
    assert "delete-accepted" not in run.having("pass")
    assert "auth-retrieve-refused" in run.having("pass")
    assert run.exit_code == 4
    assert studio.paid <= run.footer.paid <= 3
    assert (run.footer.state, run.footer.reason[:19]) == ("truncated", "the gateway is gone")
    assert "the gateway is gone" in _reason(run, "delete-accepted")
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_gateway_that_hangs_from_some_moment_on_is_waited_for_only_briefly(
    contract: Contract, at_once: int
) -> None:
    stuck: list[Event] = []

    def watch(event: Event) -> None:
        if isinstance(event, Ended) and event.scenario == "credentials":
            stuck.append(event)

    with serving(Hanging(Studio().app(), lambda _: bool(stuck))) as origin:
        run = _check(contract, origin, watch, timeout=0.5, concurrency=at_once)

    unanswered = [e for e in run.exchanges.values() if e.error]
    # The question and the lifeline, in each of the scenarios that were under way.
    assert 2 <= len(unanswered) <= 2 * at_once
    assert run.footer.state == "truncated"
    assert "the gateway is gone" in _reason(run, "create-accepted")
    assert "auth-retrieve-refused" in run.having("pass")
    assert run.exit_code == 4


def _reason(run: Run, requirement: str) -> str:
    return next(o.reason for o in run.outcomes if o.requirement == requirement)


@pytest.mark.parametrize(
    ("mode", "budget", "fails"),
    [
        # Nothing is accepted where nothing may be spent, so nothing invalid is seen to be.
        ("smoke", 0, ""),
        # Generated requests come on top here.
        ("standard", 1, "edit-unknown-status"),
        (
            "standard",
            None,
            """create-required-refused edit-unknown-status extend-unknown-status
            remix-unknown-status""",
        ),
    ],
)
def test_a_gateway_that_accepts_everything_never_gets_past_the_cap(
    contract: Contract, mode: str, budget: int | None, fails: str
) -> None:
    greedy = Greedy(job_seconds=0.3)
    with serving(greedy.app()) as origin:
        run = _check(contract, origin, mode=mode, budget=budget)

    assert run.footer.paid == greedy.paid == (6 if budget is None else budget)
    assert set(run.having("fail")) == set(fails.split())
