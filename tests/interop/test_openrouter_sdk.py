"""The openrouter SDK, a strict judge of replies, against the mock."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from vidspec.contract import load_contract
from vidspec.mock import MockGateway, read_faults, running

openrouter = pytest.importorskip("openrouter", reason="installed by the interop session")
from openrouter import errors  # noqa: E402 - only where the SDK is installed
from openrouter.utils import RetryConfig  # noqa: E402

pytestmark = pytest.mark.interop

#: Cause in the document → the SDK's exception.
TYPED = {
    "invalid_request": errors.BadRequestResponseError,
    "unauthenticated": errors.UnauthorizedResponseError,
    "payment_required": errors.PaymentRequiredResponseError,
    "forbidden": errors.ForbiddenResponseError,
    "not_found": errors.NotFoundResponseError,
    "payload_too_large": errors.PayloadTooLargeResponseError,
    "rate_limited": errors.TooManyRequestsResponseError,
    "server_error": errors.InternalServerResponseError,
    "unavailable": errors.ServiceUnavailableResponseError,
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[MockGateway]:
    """Start the mock with quick jobs."""
    with running("openrouter", job_seconds=0.2) as started:
        yield started


def sdk(gateway: MockGateway, key: str = "sk-or-test") -> Any:
    """Return the SDK pointed at the mock, without retries."""
    none: Any = RetryConfig("none", cast("Any", None), False)
    return openrouter.OpenRouter(api_key=key, server_url=gateway.base_url, retry_config=none)


def test_a_video_is_made_and_downloaded(gateway: MockGateway, tmp_path: Path) -> None:
    """Generate, poll, content, models: every reply passes the SDK's validation."""
    with sdk(gateway) as client:
        videos = client.video_generation
        job = videos.generate(
            model="google/veo-3.1", prompt="A kite over dunes", duration=4, aspect_ratio="16:9"
        )
        deadline = time.monotonic() + 10
        while job.status not in {"completed", "failed"} and time.monotonic() < deadline:
            time.sleep(0.05)
            job = videos.get_generation(job_id=job.id)

        content = videos.get_video_content(job_id=job.id).read()
        models = videos.list_videos_models().data

    assert (job.status, content[4:8], len(models) > 0) == ("completed", b"ftyp", True)
    assert job.usage is not None


def test_an_unknown_job_is_a_typed_error(gateway: MockGateway) -> None:
    """404 becomes the SDK's not-found error, with its body parsed."""
    with sdk(gateway) as client, pytest.raises(errors.NotFoundResponseError) as caught:
        client.video_generation.get_generation(job_id="gen-vid-1764000000-aaaaaaaaaaaaaaaaaaaa")

    assert caught.value.data.error.code == 404


@pytest.mark.parametrize("cause", TYPED)
def test_every_documented_status_is_a_typed_error(cause: str) -> None:
    """The dialect's own body of each failure fits what the SDK expects of that status."""
    said = load_contract(dialects=["openrouter"]).dialects["openrouter"].causes[cause]
    body = json.loads(json.dumps(said.body).replace("{message}", "No."))
    faults = read_faults([{"role": "create", "reply_status": said.status, "body": body}])
    with (
        running("openrouter", faults=faults) as gateway,
        sdk(gateway) as client,
        pytest.raises(errors.OpenRouterError) as caught,
    ):
        client.video_generation.generate(model="google/veo-3.1", prompt="A kite over dunes")

    assert TYPED[cause] is type(caught.value), caught.value
