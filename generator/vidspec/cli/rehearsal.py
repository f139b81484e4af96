"""What a check would send and cost, tried on the mock: nothing reaches the gateway."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.conformance import Options, Run, Target, Tariff
    from vidspec.contract import Contract

#: Requests that are generated differ from run to run; they are counted as a whole.
_GENERATED: Final = "schema-generated-requests"
_MOST_BODY: Final = 100


@dataclass(frozen=True, slots=True)
class Money:
    """What a paid call costs, and what all of them may cost, in the same unit."""

    tariff: "Tariff | None"
    most: float | None

    def cap(self, calls: int | None) -> int | None:
        """Return how many paid calls may be made, if each costs what the check's own does."""
        if self.most is None or self.tariff is None or not self.tariff.usual:
            return calls
        # Prices are decimal fractions: three times 0.1 must fit into 0.3.
        affordable = math.floor(self.most / self.tariff.usual + 1e-9)
        return affordable if calls is None else min(calls, affordable)

    def of(self, calls: int) -> str:
        """Say what so many calls cost; empty without a price."""
        if self.tariff is None:
            return ""
        price, currency = self.tariff.usual, self.tariff.currency
        return f" = {calls * price:.2f} {currency} at {price:g} each".replace("  ", " ")


def money_of(
    price: float | None,
    most: float | None,
    contract: "Contract",
    target: "Target",
    options: "Options",
) -> Money:
    """Take the price that is given, else the one that the gateway's listing of models tells, by one free request.

    Raises UsageError where money is limited and there is neither.
    """
    from vidspec.conformance import Tariff, Unpriced, listed, surface_of

    dialect = contract.dialects[target.dialect]
    reason = "a price of 0 limits nothing"
    if price or (price is not None and most is None):
        return Money(Tariff(price), most)
    if price is None and options.cap != 0:
        try:
            return Money(listed(dialect, surface_of(dialect, options.surface), target), most)
        except Unpriced as unknown:
            reason = str(unknown)
    if most is not None and options.cap != 0:
        message = f"a limit on money needs the price of a paid call, and {reason}"
        raise UsageError(message, hint="Give --price AMOUNT.")
    return Money(None, None)


def rehearse(
    contract: "Contract", target: "Target", options: "Options", money: Money
) -> Iterator[str]:
    """Run the check against the mock of the dialect and tell, line by line, what it sent."""
    from vidspec.conformance import check
    from vidspec.mock import running

    tame = replace(options, skip=(*options.skip, _GENERATED), poll_interval=0.05, journal=None)
    # The mock has prices of its own; how many calls may be made is in the budget.
    tame = replace(tame, tariff=None, max_cost=None)
    with running(target.dialect, contract=contract, job_seconds=0.3) as mock:
        stand_in = replace(
            target,
            base_url=mock.base_url,
            api_key="rehearsal",
            secrets=dict.fromkeys(target.secrets, "rehearsal"),
            headers={},
            model=None,
        )
        run = check(contract, stand_in, tame)
        paid = mock.paid_calls
    asked = " but for the listing of models" if money.tariff and money.tariff.prices else ""
    yield f"{target.url} ({target.dialect}, mode {options.mode}): nothing is sent{asked}; rehearsed on the mock"
    yield ""
    yield from _requests(run, urlsplit(mock.base_url).path)
    yield ""
    if _generates(contract, options):
        yield "Then generated requests, within the same cap of paid calls."
    yield f"Rehearsed: {run.footer.requests} requests, {paid} accepted paid calls{money.of(paid)}"
    most = options.cap
    limit = "no limit" if most is None else f"{most}{money.of(most)}"
    yield f"At most:   {limit}"


def _requests(run: "Run", base: str) -> Iterator[str]:
    """Tell requests that are alike once, with their number, in the order of the run."""
    counts: dict[str, int] = {}
    for exchange in run.exchanges.values():
        path = _path(exchange.url, base)
        body = _short(exchange.request_body)
        line = f"{exchange.method:6} {path}{'  ' + body if body else ''}"
        counts[line] = counts.get(line, 0) + 1
    ids = _ids(run)
    merged: dict[str, int] = {}
    for line, count in counts.items():
        text = line
        for job, name in ids.items():
            text = text.replace(job, name)
        merged[text] = merged.get(text, 0) + count
    for line, count in merged.items():
        yield f"{count:4} x {line}"


def _ids(run: "Run") -> Mapping[str, str]:
    return {seen.id: f"{{{seen.job} job}}" for seen in run.jobs}


def _path(url: str, base: str) -> str:
    parts = urlsplit(url)
    path = parts.path.removeprefix(base) if base != "/" else parts.path
    shown = f"{path}?{parts.query}" if parts.query else path
    return shown if len(shown) <= _MOST_BODY else f"{shown[:_MOST_BODY]}…"


def _short(body: str) -> str:
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        text = " ".join(body.split())
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text if len(text) <= _MOST_BODY else f"{text[:_MOST_BODY]}…"


def _generates(contract: "Contract", options: "Options") -> bool:
    known = any(requirement.id == _GENERATED for requirement in contract.requirements)
    return known and options.mode in {"standard", "deep"} and options.selects(_GENERATED)
