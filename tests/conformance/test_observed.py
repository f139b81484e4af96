"""A gateway that does not take what it publishes: said once, and the rest of the run is testable all the same."""

from vidspec.conformance import Options, Run, Target, check
from vidspec.contract import Contract, Dialect, load_gateways
from vidspec.mock import running

_OMNI = load_gateways(names=["vllm-omni"])["vllm-omni"]


def _check(contract: Contract, *, observed: Dialect | None, budget: int = 3) -> tuple[Run, int]:
    with running("vllm-omni", profile="observed", job_seconds=0.2) as mock:
        target = Target(mock.base_url, "openai", api_key="any", observed=observed)
        run = check(contract, target, Options(mode="smoke", budget=budget, poll_interval=0.05))
        return run, mock.paid_calls


def test_the_observed_form_keeps_the_rest_testable(contract: Contract) -> None:
    blind, _ = _check(contract, observed=None)
    run, paid = _check(contract, observed=_OMNI.observed)

    for one, how in (
        (run, "the form that this gateway is seen to take is accepted"),
        (blind, "the same as multipart/form-data is accepted"),
    ):
        (outcome,) = (o for o in one.outcomes if o.requirement == "create-accepted")
        assert outcome.verdict == "fail"
        assert outcome.reason.endswith(how)
        assert "retrieve-reaches-end" in one.having("pass")
    assert run.footer.paid == paid <= 3


def test_without_budget_there_is_no_second_try(contract: Contract) -> None:
    run, paid = _check(contract, observed=_OMNI.observed, budget=0)

    assert paid == run.footer.paid == 0
    assert _creates(run) == _creates(_check(contract, observed=None, budget=0)[0])


def test_a_form_that_is_the_published_one_is_not_tried_again(contract: Contract) -> None:
    blind, _ = _check(contract, observed=None)
    run, _ = _check(contract, observed=contract.dialects["openai"])

    assert _creates(run) == _creates(blind)


def _creates(run: Run) -> int:
    return sum(e.operation == "createVideo" for e in run.exchanges.values())
