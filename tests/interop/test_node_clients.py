"""Clients from npm against the mock, alone and through the passive judge.

``VIDSPEC_NODE_CLIENTS`` names the folder in which the ``interop`` session has installed them.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock.receiving import receiving
from vidspec.conformance import Event, Passive, Proxy, Run, listening
from vidspec.contract import load_contract
from vidspec.mock import WebhookOptions, running

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
]

SCRIPTS = Path(__file__).parent / "node"
SECRET = "whsec_bW9jayBzZWNyZXQgb2YgdGhpcnR5IGJ5dGVz"
#: Runs a script with the address that it is to use, and returns what it told.
Play = Callable[..., Any]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Run one of the scripts beside the installed packages."""
    (tmp_path / "node_modules").symlink_to(Path(os.environ["VIDSPEC_NODE_CLIENTS"], "node_modules"))

    def play(name: str, *words: str, given: Any = None) -> Any:
        shutil.copy(SCRIPTS / f"{name}.mjs", tmp_path)
        done = subprocess.run(
            ["node", f"{name}.mjs", *words], cwd=tmp_path, input=json.dumps(given),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return play


def check_openai(told: Any) -> None:
    assert (told["made"]["status"], told["done"]["status"]) == ("queued", "completed")
    assert (told["done"]["seconds"], told["done"]["size"]) == ("8", "1280x720")
    assert told["remix"]["remixed_from_video_id"] == told["made"]["id"]
    assert told["edits"][1] == "1280x720"
    assert told["longer"] == ["4", "12"]
    assert told["listed"] == [9, 9]
    assert told["types"] == ["video/mp4", "image/webp", "image/jpeg"]
    assert told["sums"][0] == told["sums"][1]
    assert told["character"] == "Pebble"
    assert "sora-2" in told["models"]
    assert told["wrong"] == ["BadRequestError", "invalid_value"]
    assert told["unknown"] == ["NotFoundError", None]
    assert told["deleted"]["deleted"] is True


def check_openrouter(told: Any) -> None:
    job = told["job"]
    assert (job["status"], job["generationId"], told["begins"]) == ("completed", told["id"], "ftyp")
    assert job["unsignedUrls"][0].endswith(f"/videos/{told['id']}/content?index=0")
    assert told["models"] > 0
    assert told["early"] == ["ConflictResponseError", 409]
    assert told["unknown"] == ["NotFoundResponseError", 404]
    assert told["wrong"]


def check_ai(told: Any) -> None:
    assert (told["begins"], told["type"], told["two"]) == ("ftyp", "video/mp4", 2)
    assert told["metadata"]["generationId"].startswith("gen-vid-")
    assert told["metadata"]["cost"] > 0
    assert "policy" in told["failed"]
    assert told["warnings"] == []


def check_kling(told: Any) -> None:
    assert told["states"] == ["submitted", "succeed", "succeed"]
    assert told["unknown"] == ["KlingAPIError", 1203]
    assert told["begins"] == "ftyp"


CLIENTS: dict[str, tuple[str, Callable[[Any], None]]] = {
    "openai": ("openai", check_openai),
    "openrouter": ("openrouter", check_openrouter),
    "ai": ("openrouter", check_ai),
    "kling": ("kling", check_kling),
}


@pytest.mark.parametrize("script", CLIENTS)
def test_a_client_makes_and_fetches_videos(script: str, play: Play) -> None:
    """Its whole life passes, and nothing that the script means well is refused."""
    dialect, check = CLIENTS[script]
    with running(dialect, job_seconds=0.3) as gateway:
        base = gateway.url if script == "kling" else gateway.base_url
        check(play(script, base))
        rules = [entry.rule for entry in gateway.journal if not entry.valid]

    assert len(rules) <= (script in {"openai", "openrouter"}), rules


@pytest.mark.parametrize("script", CLIENTS)
def test_a_client_is_not_accused_by_the_judge(script: str, play: Play) -> None:
    """The same through the proxy: all of it arrives, and the traffic conforms."""
    dialect, check = CLIENTS[script]
    contract, events = load_contract(dialects=[dialect]), list[Event]()
    with running(dialect, job_seconds=0.3) as gateway:
        judge = Passive(
            contract, contract.dialects[dialect], gateway.base_url, "proxy", events.append
        )
        with listening(Proxy(gateway.base_url, judge, 20.0), "127.0.0.1", 0, http="h11") as port:
            path = gateway.base_url.removeprefix(gateway.url)
            check(play(script, f"http://127.0.0.1:{port}{path}"))
        judge.finish()

    run = Run.of(events)
    assert run.having("pass")
    assert run.having("fail", "warn", "error") == ()


def test_openai_unwraps_our_webhooks(play: Play) -> None:
    """The signature holds; that of a changed message does not."""
    with receiving() as receiver, running("openai", job_seconds=0.1, webhooks=WebhookOptions(
        url=receiver.url, secret=SECRET
    )) as gateway:  # fmt: skip
        play("openai", gateway.base_url)
        headers, body = receiver.wait(1)[0]
        told = play("webhook", given={"headers": headers, "body": body.decode(), "secret": SECRET})

    assert told["event"]["type"] == "video.completed"
    assert told["refused"] == "InvalidWebhookSignatureError"
