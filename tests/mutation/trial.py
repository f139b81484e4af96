"""One mutant: a mock with one fault, judged whole. Time moves with the requests, so nothing waits and nothing races."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from conformance.gateway import serving
from vidspec.conformance import Options, Run, Target, check, requirements_for
from vidspec.conformance.target import BUDGETS, Mode
from vidspec.contract import Contract
from vidspec.mock import ManualClock, build_app
from vidspec.mock.faults import faults_of
from vidspec.mock.options import FAIL_MARKER, MockOptions

Result = Literal["killed", "with others", "survived"]

_KEY = "sk-mutation-0123456789"
_SIGNED = {"access_key": "AKLTmutation0123456789", "secret_key": _KEY}
#: Dialect → a model to ask for.
MODELS = {
    "bifrost": "openai/sora-2",
    "jimeng": "jimeng_t2v_v30",
    "kling": "kling-v1",
    "modelgates": "google/veo-3.1",
    "newapi": "sora-2",
    "openai": "sora-2",
    "openrouter": "google/veo-3.1",
}
#: Seconds that pass with each request, and that a job takes: it is seen many times on its way.
_STEP, _JOB = 0.5, 20.0
#: The same where a fault holds each request for a moment of ours.
_HELD_JOB = 6.0
#: Seconds of ours until a job that never ends is given up.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A dialect whose mock breaks one requirement."""

    dialect: str
    requirement: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant."""

    mutant: Mutant
    #: The verdict on the requirement that was broken.
    verdict: str
    #: Other requirements that failed or warned.
    others: tuple[str, ...]
    mode: Mode
    seconds: float

    @property
    def result(self) -> Result:
        """Say whether its own requirement noticed, and whether it alone did."""
        if self.verdict not in {"fail", "warn"}:
            return "survived"
        return "with others" if self.others else "killed"


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Yield every testable requirement of every dialect that it applies to."""
    for name, dialect in contract.dialects.items():
        for requirement in requirements_for(contract, dialect):
            if not requirement.excluded:
                yield Mutant(name, requirement.id)


def attempt(contract: Contract, mutant: Mutant) -> Trial:
    """Judge a mutant in the cheapest mode that judges its requirement."""
    began = time.monotonic()
    mode: Mode = "smoke"
    run, paid = judged(contract, mutant.dialect, mutant.requirement, mode)
    if mutant.requirement in run.having("disabled"):
        mode = "standard"
        run, paid = judged(contract, mutant.dialect, mutant.requirement, mode)
    verdict = next(o.verdict for o in run.outcomes if o.requirement == mutant.requirement)
    failed = run.having("fail", "warn", "error")
    others = tuple(id_ for id_ in failed if id_ != mutant.requirement)
    findings = [finding.code for finding in run.findings]
    if not run.footer.paid == paid <= _budget(mode):
        findings.append(f"{paid} paid calls, told as {run.footer.paid}")
    seconds = round(time.monotonic() - began, 3)
    return Trial(mutant, verdict, (*others, *findings), mode, seconds)


def _budget(mode: Mode) -> int:
    # A gateway that accepts what it should refuse has spent a call.
    return (BUDGETS[mode] or 0) + 1


def judged(contract: Contract, dialect: str, broken: str | None, mode: Mode) -> tuple[Run, int]:
    """Check the mock of a dialect that breaks one requirement, or none; give the run, and what the mock was paid for."""
    # It begins now, so that times are believed.
    clock = ManualClock(time.time())
    faults = faults_of(contract.requirements, [broken] if broken else [])
    held = faults.on("crowd_swaps") or faults.on("crowd_confuses")
    made = MockOptions(job_seconds=_HELD_JOB if held else _JOB, clock=clock, faults=faults)
    mock = build_app(contract, [dialect], made)
    signed = contract.dialects[dialect].credentials[0].kind == "volcengine-v4"
    options = Options(
        mode=mode,
        budget=_budget(mode),
        poll_interval=0.0,
        job_timeout=_PATIENCE,
        fail_prompt=f"A {FAIL_MARKER} cat",
    )
    with serving(_ticking(mock, clock)) as origin:
        target = Target(
            origin + mock.base_paths[dialect],
            dialect,
            api_key=None if signed else _KEY,
            secrets=_SIGNED if signed else {},
            model=MODELS[dialect],
        )
        return check(contract, target, options), mock.store.paid_calls


def _ticking(app: ASGIApp, clock: ManualClock) -> ASGIApp:
    async def ticking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            clock.advance(_STEP)
        await app(scope, receive, send)

    return ticking
