"""A check from beginning to end: gate up, preflight, scenarios, generated requests, clean-up, verdicts."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

import httpx2

from vidspec.conformance.beside import beside
from vidspec.conformance.credentials import Keyring
from vidspec.conformance.events import Ended, Event, Footer, Started
from vidspec.conformance.exchange import Redactor, added_secrets
from vidspec.conformance.gate import Gate
from vidspec.conformance.gate_server import serving
from vidspec.conformance.heading import active_of, heading, surface_of
from vidspec.conformance.journal import journal
from vidspec.conformance.observe import ALWAYS
from vidspec.conformance.preflight import preflight
from vidspec.conformance.purse import Purse
from vidspec.conformance.run import Run
from vidspec.conformance.scenarios import Scenario, registered
from vidspec.conformance.session import Session
from vidspec.conformance.stops import BudgetSpent, GatewayGone, Missing, OutOfTime, Stop, WrongModel
from vidspec.conformance.target import Options, Target
from vidspec.conformance.verdicts import Verdict, requirements_for
from vidspec.conformance.wire import Wire
from vidspec.contract import Contract, Dialect, Requirement, Surface
from vidspec.errors import UsageError

#: Scenarios that make, follow and fetch what the others work on.
_POOL: Final = frozenset(
    {"first job", "second job", "life of a job", "failed job", "content", "result address"}
)


def check(
    contract: Contract,
    target: Target,
    options: Options | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> Run:
    """Judge a gateway; ``on_event`` sees every event as it happens.

    Never makes more accepted paid calls than ``options.cap``. Trouble on the way is a verdict, not an exception;
    Ctrl-C still gives a run (``footer.state`` is ``truncated``). Raises UsageError for a dialect that does not
    exist, a surface that it does not have, or an id in ``only`` or ``skip`` that fits no requirement.
    """
    chosen = options or Options()
    dialect = contract.dialects.get(target.dialect)
    if dialect is None:
        message = f"no such dialect: {target.dialect} (there are: {', '.join(contract.dialects)})"
        raise UsageError(message)
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if on_event is not None:
            on_event(event)

    surface = surface_of(dialect, chosen.surface)
    applicable = requirements_for(contract, dialect, surface)
    active = active_of(contract, applicable, chosen)
    rules = [r for r in active.values() if not r.excluded]
    if chosen.max_cost is not None and chosen.tariff is None:
        message = "a limit on money needs the price of a paid call"
        raise UsageError(message)
    header = heading(
        dialect, surface, url=target.url, mode=chosen.mode, budget=chosen.cap, rules=rules
    )
    emit(replace(header, max_cost=chosen.max_cost, **_prices(chosen)))
    with _session(
        contract=contract,
        dialect=dialect,
        surface=surface,
        target=target,
        options=chosen,
        emit=emit,
        active=active,
        applicable=applicable,
    ) as session:
        complete, reason = _judge_all(session)
        purse = session.wire.gate.purse
        if complete and session.silent:
            reason = f"scenarios that judged nothing: {', '.join(session.silent)}"
        emit(
            Footer(
                "truncated" if not complete else "incomplete" if session.silent else "complete",
                reason,
                round(session.seconds, 3),
                session.wire.requests + session.generated,
                purse.spent,
                sum(session.ledger.counts.values()),
                dict(sorted(session.ledger.counts.items())),
                cost=round(purse.cost, 6) if chosen.tariff else None,
            )
        )
    return Run.of(events)


def _prices(options: Options) -> dict[str, Any]:
    tariff = options.tariff
    return {"price": tariff.usual, "currency": tariff.currency} if tariff else {}


def _judge_all(session: Session) -> tuple[bool, str]:
    """Run everything; return whether the run came to its end, and why not."""
    try:
        finding = preflight(session)
        if finding is None:
            _scenarios(session)
    except WrongModel as wrong:
        finding = wrong.finding
    except GatewayGone as gone:
        reason = session.wire.redactor.text(str(gone))
        _settle(session, reason)
        return False, reason
    except (KeyboardInterrupt, OutOfTime) as stop:
        reason = str(stop) or "interrupted"
        _settle(session, reason)
        return False, reason
    if finding is not None:
        session.emit(finding)
        _settle(session, finding.message)
        return finding.conclusive, finding.message
    _settle(session, "")
    return True, ""


def _scenarios(session: Session) -> None:
    todo = _wanted(session)
    at_once = session.options.concurrency
    numbered = list(enumerate(todo, 1))
    for together, group in itertools.groupby(numbered, lambda pair: pair[1].beside):
        pieces = [partial(_one, scenario=s, number=n, total=len(todo)) for n, s in group]
        if together and at_once > 1:
            beside(session, pieces, at_once)
        else:
            for piece in pieces:
                piece(session)
    for job in session.pool.values():
        if not job.deleted:
            session.forget(job.created)


def _wanted(session: Session) -> list[Scenario]:
    """Return the scenarios that judge something, with those that make what they work on; no job is made for nothing."""
    wanted = {s.name for s in registered() if not s.judges.isdisjoint(session.active)}
    by_free = frozenset[str]().union(*(s.judges for s in registered() if s.free))
    about_jobs = any(
        id_ not in by_free and "create" in rule.needs for id_, rule in session.active.items()
    )
    if not ALWAYS.isdisjoint(session.active):
        # Every reply is judged for it, and one reply says little.
        asked = {s.name for s in registered() if not s.judges.isdisjoint(session.applicable)}
        wanted |= _POOL | {s.name for s in registered() if s.free and s.name in asked}
    if about_jobs or any(not s.free for s in registered() if s.name in wanted):
        wanted |= _POOL
    return [s for s in registered() if s.name in wanted]


def _one(session: Session, scenario: Scenario, number: int, total: int) -> None:
    session.emit(Started(scenario.name, number, total))
    began, reason = time.monotonic(), ""
    verdict: Verdict | None = None
    before = len(session.failed)
    try:
        scenario.run(session)
    except Stop as stop:
        reason, verdict = str(stop), stop.verdict
        if isinstance(stop, BudgetSpent | Missing) and session.wire.gate.purse.refused:
            # What is missing was never made, because the gate let no more paid calls through.
            off = session.options.cap == 0
            reason = (
                f"{reason}; paid calls are switched off"
                if off
                else f"{reason}; the budget is spent"
            )
            verdict = "disabled" if off else "not_reached"
    except WrongModel:
        session.emit(Ended(scenario.name, "the model is refused", time.monotonic() - began))
        raise
    except GatewayGone as gone:
        for requirement in sorted(scenario.judges):
            session.cannot(requirement, str(gone), "error")
        told = session.wire.redactor.text(str(gone))
        session.emit(Ended(scenario.name, told, round(time.monotonic() - began, 3)))
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours in one scenario must not cost the whole report
        reason, verdict = f"vidspec failed: {type(error).__name__}: {error}", "error"
    if (
        not reason
        and len(session.failed) == before
        and session.ledger.spoken.isdisjoint(scenario.judges)
    ):
        # Nothing failed and nothing was said: what it promises to judge was not looked at, and nobody would know.
        reason, verdict = "vidspec failed: the scenario judged nothing", "error"
        session.silent.append(scenario.name)
    left_open = reason or _why_open(session, scenario)
    for requirement in sorted(scenario.judges):
        session.cannot(requirement, left_open, verdict or "untestable")
    seconds = round(time.monotonic() - began, 3)
    session.emit(Ended(scenario.name, session.wire.redactor.text(reason), seconds))


def _why_open(session: Session, scenario: Scenario) -> str:
    """Say why a scenario left something open although nothing stopped it."""
    broken = sorted(scenario.judges.intersection(session.failed))
    if broken:
        return f"left open after {', '.join(broken)} failed"
    return "the answers on which it builds were not as documented"


def _settle(session: Session, reason: str) -> None:
    """Say of everything that is still open why it is not judged."""
    free = session.options.cap == 0
    for requirement, rule in session.active.items():
        if rule.excluded:
            continue
        unshown = _unshown(session, rule)
        if reason:
            session.cannot(requirement, reason, "not_reached")
        elif unshown and session.observer.shown and not free and requirement in ALWAYS:
            why = f"no job of this gateway shows its {unshown}"
            session.cannot(requirement, why, "unsupported")
        elif requirement in ALWAYS:
            verdict: Verdict = "disabled" if free else "not_reached"
            session.cannot(requirement, "no reply of this run could show it", verdict)
        else:
            session.cannot(requirement, "no scenario judges it", "not_reached")


def _unshown(session: Session, rule: Requirement) -> str | None:
    """Return a job field that the requirement is about and no retrieve showed, or None."""
    fields = [need.removeprefix("job.") for need in rule.needs if need.startswith("job.")]
    return next((name for name in fields if name not in session.observer.shown), None)


@contextmanager
def _session(
    *,
    contract: Contract,
    dialect: Dialect,
    surface: Surface,
    target: Target,
    options: Options,
    emit: Callable[[Event], None],
    active: Mapping[str, Requirement],
    applicable: tuple[Requirement, ...],
) -> Iterator[Session]:
    known = [target.api_key or "", *target.secrets.values(), *added_secrets(target.headers)]
    redactor = Redactor(known, target.headers)
    keyring = Keyring.of(dialect, target, redactor)
    with journal(options.journal) as on_passage:
        gate = Gate(
            target,
            dialect,
            keyring,
            Purse(options.cap, options.max_cost),
            tuple(target.headers.items()),
            on_passage,
            options.tariff,
        )
        redactor.add(gate.token)
        with (
            serving(gate) as base,
            httpx2.Client(
                timeout=target.timeout + 5, verify=target.verify_tls, trust_env=False
            ) as client,
        ):
            yield Session(
                contract=contract,
                dialect=dialect,
                surface=surface,
                target=target,
                options=options,
                wire=Wire(dialect, target, gate, base, keyring, redactor, client, emit),
                emit=emit,
                active=active,
                applicable=frozenset(r.id for r in applicable),
            )
