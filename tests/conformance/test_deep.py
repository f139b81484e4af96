"""Mode ``deep``: every phase of schemathesis with three seeds, over thousands of requests."""

import pytest

from conformance.test_mock import _check
from mutation.trial import MODELS
from vidspec.conformance import Options, Target, check
from vidspec.contract import Contract
from vidspec.mock import FAIL_MARKER, faults_of, running

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("dialect", MODELS)
def test_a_sound_mock_passes_in_deep(dialect: str) -> None:
    run, paid = _check(dialect, mode="deep", fail_prompt=f"A {FAIL_MARKER} cat")

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid > 20
    assert run.footer.requests > 1000


@pytest.mark.parametrize("broken", ["delete-twice", "remix-needs-completed"])
def test_generated_requests_find_what_lives_over_several_replies(
    contract: Contract, broken: str
) -> None:
    faults = faults_of(contract.requirements, [broken])
    with running("openai", contract=contract, job_seconds=0.5, faults=faults) as gateway:
        chosen = Options(mode="deep", only=("schema-generated-requests", broken))
        run = check(contract, Target(gateway.base_url, "openai", "sk-test-0123456789"), chosen)

    # The scenario finds it once; the lives of generated jobs show it again and again.
    assert run.having("fail") == (broken,)
    assert len(run.failures_of(broken)) > 1
