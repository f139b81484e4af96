"""Mode ``deep``: every phase of schemathesis with three seeds, over thousands of requests."""

import pytest

from conformance.test_mock import judged
from mutation.trial import MODELS
from vidspec.mock import FAIL_MARKER

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("dialect", MODELS)
def test_a_sound_mock_passes_in_deep(dialect: str) -> None:
    run, paid = judged(dialect, mode="deep", fail_prompt=f"A {FAIL_MARKER} cat")

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.paid == paid > 20
    assert run.footer.requests > 500


@pytest.mark.parametrize("broken", ["delete-twice", "remix-needs-completed"])
def test_generated_requests_find_what_lives_over_several_replies(broken: str) -> None:
    run, _ = judged("openai", broken, mode="deep", only=("schema-generated-requests", broken))

    # The scenario finds it once; the lives of generated jobs show it again and again.
    assert run.having("fail") == (broken,)
    assert len(run.failures_of(broken)) > 1
