"""Webhooks over restarts, kill -9 among them: what was under way goes on, what was delivered is not sent again."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

import vidspec_client.openai.webhooks
from vidspec.contract import Contract
from vidspec.mock import MockGateway, WebhookOptions, running
from vidspec.mock.outbox import Letter, Message, Outbox, Telling

from .process import alive
from .receiving import Receiver, until
from .test_mock_webhooks import SECRET, create, receiver

__all__ = ["receiver"]

KEY = {"authorization": "Bearer any"}
BODY = {"prompt": "a kite", "model": "sora-2"}


def told(receiver: Receiver) -> list[tuple[str, str]]:
    """Return the message ids and jobs that came, in order."""
    return [(head["webhook-id"], json.loads(body)["data"]["id"]) for head, body in receiver.came]


def delivered(url: str, count: int) -> None:
    """Wait until a process knows that so many messages were taken, and its store knows it too."""
    control = url.removesuffix("/v1") + "/_vidspec"
    until(lambda: sum(one["ok"] for one in httpx2.get(f"{control}/deliveries").json()) == count)
    httpx2.post(f"{control}/snapshot", json={}).raise_for_status()


def settled(gateway: MockGateway) -> bool:
    """Say whether nothing is left to be told."""
    return not gateway.app.store.outbox.waiting()


def test_kill_9_forgets_no_webhook_and_repeats_none(tmp_path: Path, receiver: Receiver) -> None:
    """Of two jobs, one told and one under way at the kill, the restarted process tells the other, signed."""
    words = (
        "openai", "--store", tmp_path / "jobs.sqlite", "--webhook", receiver.url,
        "--webhook-secret-env", "HOOK_SECRET",
    )  # fmt: skip
    env = {"HOOK_SECRET": SECRET}
    with alive(*words, "--job-seconds", 0.2, env=env) as url:
        first = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["id"]
        delivered(url, 1)
        slow = KEY | {"x-vidspec-script": "queued for 1s, 50% for 2s, completed"}
        second = httpx2.post(f"{url}/videos", json=BODY, headers=slow).json()["id"]
    assert [job for _, job in told(receiver)] == [first]
    with alive(*words, env=env) as url:
        receiver.wait(2)
        third = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["id"]
        delivered(url, 2)
    with alive(*words, "--job-seconds", 0.1, env=env) as url:
        fourth = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["id"]
        receiver.wait(4)

    assert [job for _, job in told(receiver)] == [first, second, third, fourth]
    for head, body in receiver.came:
        vidspec_client.openai.webhooks.verify_and_parse(head, body, SECRET)


def test_kill_9_leaves_a_refused_message_to_be_tried_again(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The message that a receiver refused before the kill comes after it, under the same name."""
    words = "openai", "--store", tmp_path / "jobs.sqlite", "--webhook", receiver.url
    receiver.answers += [(500, {})] * 2
    with alive(*words, "--job-seconds", 0, env={}) as url:
        httpx2.post(f"{url}/videos", json=BODY, headers=KEY)
        receiver.wait(2)
    with alive(*words):
        receiver.wait(3)

    assert len({body for _, body in receiver.came}) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_addresses_in_what_is_still_to_be_told_are_of_the_new_port(
    tmp_path: Path, receiver: Receiver, host: str
) -> None:
    """A message that was refused, and one that was not yet written, name files where the mock is now."""
    path, body = tmp_path / "jobs.sqlite", {"prompt": "see http://127.0.0.1:1/"}
    receiver.answers += [(500, {})]
    slow = WebhookOptions(receiver.url, back_off=(60.0,))
    with running("kling", store=path, job_seconds=0, webhooks=slow) as one:
        origin = one.url.replace("127.0.0.1", host)
        made = f"{origin}/v1/videos/text2video"
        httpx2.post(made, json=body, headers=KEY).raise_for_status()
        receiver.wait(1)
        then = KEY | {"x-vidspec-script": "queued hold, completed"}
        late = httpx2.post(made, json=body, headers=then).json()["data"]["task_id"]
        until(lambda: len(one.deliveries) == 1)
    with running("kling", store=path) as other:
        assert not settled(other)
    soon = WebhookOptions(receiver.url, back_off=(0.01,))
    with running("kling", store=path, webhooks=soon) as two:
        receiver.wait(2)
        two.advance(late)
        until(lambda: sum(b'"succeed"' in said for _, said in receiver.came) == 3)
        moved = two.url.replace("127.0.0.1", host)

    old, first, second = [said.decode() for _, said in receiver.came if b'"succeed"' in said]
    assert f'"{origin}/' in old
    for message in (first, second):
        assert f'"{moved}/_media/' in message
        assert origin not in message


def test_an_address_of_somebody_before_the_mock_stays(tmp_path: Path) -> None:
    """What callers know the mock by is not its port: nothing is written anew."""
    outbox = Outbox(lambda *_: None)
    letter = Letter(Message("m", "e", "j", '{"url": "https://mock.example/v.mp4"}', {}))
    outbox.keep(("", "d", "j"), Telling("https://mock.example", letters=[letter]))

    outbox.move(":1000", ":2000")

    assert '{"url": "https://mock.example/v.mp4"}' == letter.message.body


def test_attempts_are_counted_over_restarts(
    contract: Contract, tmp_path: Path, receiver: Receiver
) -> None:
    """Two attempts before a restart leave two of four."""
    receiver.answers += [(500, {})] * 99
    path = tmp_path / "jobs.sqlite"
    before = WebhookOptions(receiver.url, back_off=(0.01, 60.0))
    with running("openai", contract=contract, store=path, job_seconds=0, webhooks=before) as one:
        create(one, "/videos", prompt="a")
        until(lambda: len(one.deliveries) == 2)
    after = WebhookOptions(receiver.url, back_off=(0.01, 0.01, 0.01))
    with running("openai", contract=contract, store=path, webhooks=after) as two:
        until(lambda: settled(two))
        assert [delivery.attempt for delivery in two.deliveries] == [3, 4]
    with running("openai", contract=contract, store=path, webhooks=after) as three:
        assert settled(three)

    assert len(receiver.came) == 4


def test_receiver_of_every_job_may_move(
    contract: Contract, tmp_path: Path, receiver: Receiver
) -> None:
    """What was to go to the receiver of every job goes to the one that is named now; without one it waits."""
    path = tmp_path / "jobs.sqlite"
    away = WebhookOptions("http://127.0.0.1:9/hook", back_off=(60.0,))
    with running("openai", contract=contract, store=path, job_seconds=0, webhooks=away) as gateway:
        create(gateway, "/videos", prompt="a")
        until(lambda: len(gateway.deliveries) == 1)
    with running("openai", contract=contract, store=path) as gateway:
        assert not settled(gateway)
    here = WebhookOptions(receiver.url, back_off=(0.01,))
    with running("openai", contract=contract, store=path, webhooks=here) as gateway:
        until(lambda: settled(gateway))
        assert [delivery.ok for delivery in gateway.deliveries] == [True]


def test_deleted_job_leaves_nothing_to_tell(contract: Contract, receiver: Receiver) -> None:
    """A job that is gone before its end is told nothing of, and takes no room."""
    hooks = WebhookOptions(receiver.url)
    with running("openai", contract=contract, scripts={"*": "manual"}, webhooks=hooks) as gateway:
        made = create(gateway, "/videos", prompt="a")
        gateway.app.store.delete("openai", made["id"])
        until(lambda: settled(gateway))

    assert receiver.came == []


@pytest.mark.parametrize(
    "undo",
    [
        pytest.param(lambda gateway: gateway.reset(), id="all"),
        pytest.param(lambda gateway: gateway.reset(""), id="space"),
    ],
)
def test_reset_calls_back_what_is_to_be_tried_again(
    contract: Contract, receiver: Receiver, undo: Callable[[MockGateway], Any]
) -> None:
    """A message refused before a reset does not come after it."""
    receiver.answers += [(500, {})]
    hooks = WebhookOptions(receiver.url, back_off=(0.5, 0.01))
    with running("openai", contract=contract, job_seconds=0, webhooks=hooks) as gateway:
        create(gateway, "/videos", prompt="a")
        receiver.wait(1)
        undo(gateway)
        time.sleep(0.7)

    assert len(receiver.came) == 1


def test_restored_job_is_told_of_again(contract: Contract, receiver: Receiver) -> None:
    """A job that goes back to before its end is told of when it ends, this time otherwise."""
    hooks = WebhookOptions(receiver.url)
    with running("openai", contract=contract, scripts={"*": "manual"}, webhooks=hooks) as gateway:
        made = create(gateway, "/videos", prompt="a")
        then = gateway.snapshot()
        gateway.complete(made["id"])
        receiver.wait(1)
        gateway.restore(then)
        gateway.fail(made["id"])
        receiver.wait(2)

    kinds = [json.loads(body)["type"] for _, body in receiver.came]
    assert kinds == ["video.completed", "video.failed"]


def test_receivers_are_not_called_all_at_once(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart with many messages to go on with calls few receivers at one time, and all of them in the end."""
    path = tmp_path / "jobs.sqlite"
    hooks = WebhookOptions("http://127.0.0.1:9/hook", back_off=(0.01,))
    busy, most, came = 0, 0, 0

    async def refuse(*_: Any) -> tuple[int | None, str | None]:
        return 500, None

    async def post(*_: Any) -> tuple[int | None, str | None]:
        nonlocal busy, most, came
        busy += 1
        most, came = max(most, busy), came + 1
        await asyncio.sleep(0.02)
        busy -= 1
        return 200, None

    monkeypatch.setattr("vidspec.mock.posting.post", refuse)
    waiting = WebhookOptions(hooks.url, back_off=(60.0,))
    with running("openai", contract=contract, store=path, job_seconds=0, webhooks=waiting) as one:
        with httpx2.Client(headers=KEY) as http:
            for _ in range(100):
                http.post(f"{one.base_url}/videos", json=BODY)
        until(lambda: len(one.deliveries) == 100)
    monkeypatch.setattr("vidspec.mock.posting.post", post)
    with running("openai", contract=contract, store=path, webhooks=hooks) as two:
        until(lambda: settled(two))

    assert came == 100
    assert most <= 64
