"""The volcengine SDK (Jimeng) against the mock: signed requests, one path, two actions."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from vidspec.mock import MockGateway, running

visual = pytest.importorskip("volcengine.visual.VisualService", reason="installed by interop")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[MockGateway]:
    """Start the mock with quick jobs."""
    with running("jimeng", job_seconds=0.2) as started:
        yield started


@pytest.fixture
def service(gateway: MockGateway) -> Any:
    """Return the SDK's service pointed at the mock."""
    made = visual.VisualService()
    made.set_ak("AKLTexample")
    made.set_sk("secret-example")
    made.set_host(urlsplit(gateway.url).netloc)
    made.set_scheme("http")
    return made


def test_a_task_is_submitted_and_done(service: Any) -> None:
    """Submit, then ask until the task is done and has a URL."""
    body = {"req_key": "jimeng_t2v_v30", "prompt": "Rain on a pond", "seed": -1, "frames": 121}
    submitted = service.cv_sync2async_submit_task(body)
    asked = {"req_key": "jimeng_t2v_v30", "task_id": submitted["data"]["task_id"]}
    result = service.cv_sync2async_get_result(asked)
    deadline = time.monotonic() + 10
    while result["data"]["status"] != "done" and time.monotonic() < deadline:
        time.sleep(0.05)
        result = service.cv_sync2async_get_result(asked)

    assert (submitted["code"], result["code"]) == (10000, 10000)
    assert result["data"]["status"] == "done"
    assert result["data"]["video_url"].startswith("http://127.0.0.1:")


def test_an_unknown_task_is_told(service: Any) -> None:
    """An unknown task is a status, not an HTTP error."""
    asked = {"req_key": "jimeng_t2v_v30", "task_id": "7392616336519610409"}

    assert service.cv_sync2async_get_result(asked)["data"]["status"] == "not_found"
