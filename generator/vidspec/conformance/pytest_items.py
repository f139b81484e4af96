"""A check as pytest sees it: one item for each requirement, and one run for all of them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from vidspec.conformance.run import Run
from vidspec.conformance.runner import check
from vidspec.conformance.target import MODES, Options, Target, with_environment
from vidspec.conformance.verdicts import Outcome, Verdict, requirements_for
from vidspec.contract import Contract, load_contract

_FAILS: Final[frozenset[Verdict]] = frozenset({"fail", "untestable", "error"})
#: What is not as it should be, and yet is no reason for a red run.
_KNOWN: Final[frozenset[Verdict]] = frozenset({"warn", "known"})


@dataclass(slots=True)
class CheckedGateway:
    """The gateway that ``--vidspec-url`` names; the check runs when its ``run`` is first asked for."""

    contract: Contract
    target: Target
    options: Options
    _run: Run | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, dialect: str, mode: str) -> "CheckedGateway":
        """Describe a gateway; keys come from VIDSPEC_API_KEY or the dialect's variables. Raises UsageError."""
        contract = load_contract(dialects=[dialect])
        plain = Target(url, dialect, api_key=os.environ.get("VIDSPEC_API_KEY"))
        target = with_environment(plain, contract.dialects[dialect].environment, os.environ)
        chosen = next(known for known in MODES if known == mode)
        return cls(contract, target, Options(mode=chosen))

    @property
    def url(self) -> str:
        """The gateway's base URL."""
        return self.target.url

    @property
    def dialect(self) -> str:
        """The dialect that it is held to."""
        return self.target.dialect

    @property
    def run(self) -> Run:
        """What the check found; it is made once."""
        if self._run is None:
            self._run = check(self.contract, self.target, self.options)
        return self._run

    def requirements(self) -> tuple[str, ...]:
        """Return the ids of the requirements that the dialect can be held to; the others do not apply."""
        dialect = self.contract.dialects[self.dialect]
        applicable = {r.id for r in requirements_for(self.contract, dialect) if not r.excluded}
        return tuple(r.id for r in self.contract.requirements if r.id in applicable)


class RequirementItem(pytest.Item):
    """One requirement as a test."""

    def __init__(self, *, gateway: CheckedGateway, applies: bool, **given: Any) -> None:
        super().__init__(**given)
        self.gateway = gateway
        self.applies = applies

    def runtest(self) -> None:
        """Read the verdict; the first item that is run makes the whole check."""
        if not self.applies:
            pytest.skip("does not apply to this dialect")
        run = self.gateway.run
        if run.findings:
            first = run.findings[0]
            pytest.fail(f"{first.message} {first.hint}", pytrace=False)
        outcome = next(o for o in run.outcomes if o.requirement == self.name)
        if outcome.verdict in _FAILS:
            pytest.fail(self._told(run, outcome), pytrace=False)
        if outcome.verdict in _KNOWN:
            pytest.xfail(f"{outcome.verdict}: {outcome.reason}")
        if outcome.verdict != "pass":
            pytest.skip(f"{outcome.verdict}: {outcome.reason}")

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Say what is tested."""
        return "vidspec", None, f"{self.gateway.dialect}: {self.name}"

    def _told(self, run: Run, outcome: Outcome) -> str:
        lines = [f"{outcome.verdict}: {run.rules[self.name].sentence}", outcome.reason]
        for failure in run.failures_of(self.name):
            exchange = run.exchanges.get(failure.exchange or 0)
            if exchange is not None:
                return "\n".join([*lines, exchange.curl])
        return "\n".join(lines)


def items_of(session: pytest.Session, gateway: CheckedGateway) -> Iterator[RequirementItem]:
    """Yield an item for every requirement, in the order of the catalogue."""
    applicable = set(gateway.requirements())
    for requirement in gateway.contract.requirements:
        if not requirement.excluded:
            item = RequirementItem.from_parent(
                session,
                name=requirement.id,
                nodeid=f"vidspec::{requirement.id}",
                gateway=gateway,
                applies=requirement.id in applicable,
            )
            yield item


def narrow(gateway: CheckedGateway, items: list[pytest.Item]) -> None:
    """Let the check judge only what is left of its items: ``-k`` and ``--deselect`` save requests."""
    left = {item.name for item in items if isinstance(item, RequirementItem) and item.applies}
    gateway.options = Options(mode=gateway.options.mode, ids=frozenset(left) if left else None)
