"""Webhooks of the mock: signed as the dialect signs, tried again, journalled, sent only where it is allowed."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

import vidspec_client.openai.webhooks
import vidspec_client.openrouter.webhooks
from mock.receiving import Receiver, receiving, until
from vidspec.contract import Contract, load_contract
from vidspec.contract.schemas import Validators
from vidspec.errors import UsageError
from vidspec.mock import Delivery, MockGateway, MockOptions, WebhookOptions, running

SECRET = f"whsec_{base64.b64encode(b'0123456789abcdef0123456789abcdef').decode()}"
FAST = (0.02, 0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver on this machine."""
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def callers() -> Contract:
    """Give the dialects that tell of jobs."""
    return load_contract(dialects=["openai", "openrouter", "kling"])


def create(gateway: MockGateway, path: str, **body: Any) -> Any:
    """Make a job."""
    reply = httpx2.post(gateway.base_url + path, json=body, headers={"authorization": "Bearer any"})
    assert reply.is_success, reply.text
    return reply.json()


def openai_options(receiver: Receiver, **settings: Any) -> MockOptions:
    """Return options under which every job is told to the receiver, signed."""
    webhooks = WebhookOptions(receiver.url, SECRET, back_off=FAST, **settings)
    return MockOptions(job_seconds=0.1, webhooks=webhooks)


@pytest.mark.parametrize(("prompt", "kind"), [("a", "video.completed"), ("[fail]", "video.failed")])
def test_openai_sdk_believes_the_message(
    callers: Contract, receiver: Receiver, prompt: str, kind: str
) -> None:
    """The vendor's own library and our client both hold the signature and read the same event."""
    with running("openai", contract=callers, options=openai_options(receiver)) as gateway:
        job = create(gateway, "/videos", model="sora-2", prompt=prompt)
        ((headers, body),) = receiver.wait(1)

    with openai.OpenAI(api_key="x", webhook_secret=SECRET) as client:
        event = client.webhooks.unwrap(body, headers)
        with pytest.raises(openai.InvalidWebhookSignatureError):
            client.webhooks.unwrap(body + b" ", headers)
    ours = vidspec_client.openai.webhooks.verify_and_parse(headers, body, SECRET)

    said: Any = event
    assert (said.type, said.data.id, said.object) == (kind, job["id"], "event")
    assert (ours.type, ours.job_id, ours.id) == (kind, job["id"], headers["webhook-id"])
    assert ours.data is not None
    validators = Validators(callers.dialects["openai"].document)
    assert not validators.errors("/components/schemas/VideoEvent", json.loads(body))


def test_request_may_name_the_receiver(callers: Contract, receiver: Receiver) -> None:
    """A job's own callback address is told, with the address of the result and the documented headers."""
    webhooks = WebhookOptions(secret="raw secret", back_off=FAST)
    options = MockOptions(job_seconds=0.1, webhooks=webhooks)
    with running("openrouter", contract=callers, options=options) as gateway:
        job = create(
            gateway, "/videos", model="google/veo-3.1", prompt="a fox", callback_url=receiver.url
        )
        create(gateway, "/videos", model="google/veo-3.1", prompt="nobody is told")
        ((headers, body),) = receiver.wait(1)
        event = vidspec_client.openrouter.webhooks.verify_and_parse(headers, body, "raw secret")
        said = json.loads(body)
        video = httpx2.get(
            said["data"]["unsigned_urls"][0], headers={"authorization": "Bearer any"}
        )

    assert (event.state, event.job_id) == ("completed", job["id"])
    assert headers["x-openrouter-idempotency-key"] == f"{job['id']}-completed"
    assert video.content[4:8] == b"ftyp"
    validators = Validators(callers.dialects["openrouter"].document)
    assert not validators.errors("/components/schemas/VideoCompletedEvent", said)
    assert len(receiver.came) == 1


def test_unsigned_callback_tells_each_change(callers: Contract, receiver: Receiver) -> None:
    """Where messages are the task itself, each state is told in order, as the document describes it."""
    with running("kling", contract=callers, job_seconds=0.6) as gateway:
        made = create(gateway, "/v1/videos/text2video", prompt="a fox", callback_url=receiver.url)
        came = [json.loads(body) for _, body in receiver.wait(3)]

    validators = Validators(callers.dialects["kling"].document)
    assert [said["task_status"] for said in came] == ["submitted", "processing", "succeed"]
    assert {said["task_id"] for said in came} == {made["data"]["task_id"]}
    assert not any(validators.errors("/components/schemas/Task", said) for said in came)


def test_refused_message_is_tried_again(callers: Contract, receiver: Receiver) -> None:
    """Failures and redirects are tried again under the same id, and written into the journal; redirects lead nowhere."""
    with receiving() as elsewhere:
        receiver.answers += [(500, {}), (302, {"location": elsewhere.url})]
        with running("openai", contract=callers, options=openai_options(receiver)) as gateway:
            job = create(gateway, "/videos", model="sora-2", prompt="a fox")
            receiver.wait(3)
            until(lambda: len(gateway.deliveries) == 3)
            journal = gateway.deliveries
            gateway.reset()
            assert gateway.deliveries == ()
        assert elsewhere.came == []

    assert [(d.attempt, d.status, d.ok) for d in journal] == [
        (1, 500, False), (2, 302, False), (3, 200, True),
    ]  # fmt: skip
    assert {d.message_id for d in journal} == {h["webhook-id"] for h, _ in receiver.came}
    assert {(d.job_id, d.event, d.url) for d in journal} == {
        (job["id"], "video.completed", receiver.url)
    }


def test_attempts_end(callers: Contract, receiver: Receiver) -> None:
    """A receiver that never takes a message is left alone after the last attempt."""
    receiver.answers += [(503, {})] * 9
    with running("openai", contract=callers, options=openai_options(receiver)) as gateway:
        create(gateway, "/videos", model="sora-2", prompt="a fox")
        until(lambda: len(gateway.deliveries) == 3)
        time.sleep(0.2)

    assert len(receiver.came) == 3


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:9/x", True),
        ("http://127.9.9.9/", True),
        ("http://localhost/", True),
        ("https://[::1]:8443/", True),
        ("https://hooks.example/x?token=secret", True),
        ("https://HOOKS.example/", True),
        ("http://169.254.169.254/latest", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("http://localhost.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("http://evil.example#@127.0.0.1/", False),
        ("http://2130706433/", False),
        ("file:///etc/passwd", False),
        ("http://[::1", False),
        ("http://x:99999/", False),
        ("", False),
    ],
)
def test_only_allowed_addresses(url: str, allowed: bool) -> None:
    """This machine, and the hosts that were named; whatever else is written to look like them."""
    assert WebhookOptions(hosts=frozenset({"hooks.example"})).allows(url) is allowed


def test_forbidden_address_is_not_called(callers: Contract) -> None:
    """The job is made all the same, and the journal says why nobody was told; secrets do not stand in it."""
    with running("kling", contract=callers, job_seconds=0) as gateway:
        create(
            gateway, "/v1/videos/text2video", prompt="x",
            callback_url="http://192.0.2.1/hook?token=hush",
        )  # fmt: skip
        until(lambda: len(gateway.deliveries) == 1)
        (delivery,) = gateway.deliveries

    assert (delivery.attempt, delivery.status, delivery.ok) == (0, None, False)
    assert "not allowed" in str(delivery.error)
    assert delivery.url == "http://192.0.2.1/hook?[struck out]"


def told(receiver: Receiver, gateway: MockGateway, jobs: int, messages: int) -> list[int]:
    """Make jobs one by one; return the numbers of those that messages name, as they come."""
    ids = []
    for number in range(jobs):
        ids.append(create(gateway, "/videos", model="sora-2", prompt=str(number))["id"])
        time.sleep(0.12)  # Longer than a look at the jobs takes.
    receiver.wait(messages)
    return [ids.index(json.loads(body)["data"]["id"]) for _, body in receiver.came]


def test_messages_come_in_order_and_once(callers: Contract, receiver: Receiver) -> None:
    """Unless something else is asked for."""
    with running("openai", contract=callers, options=openai_options(receiver)) as gateway:
        assert told(receiver, gateway, 4, 4) == [0, 1, 2, 3]


def test_messages_may_come_twice(callers: Contract, receiver: Receiver) -> None:
    """A duplicate has the same id, so that a receiver can know it."""
    options = openai_options(receiver, duplicates=1.0)
    with running("openai", contract=callers, options=options) as gateway:
        assert told(receiver, gateway, 2, 4) == [0, 0, 1, 1]
    ids = [headers["webhook-id"] for headers, _ in receiver.came]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert ids[0] != ids[2]


def test_messages_may_come_late(callers: Contract) -> None:
    """Held back, a message comes after the next one; which ones is decided by the seed."""
    orders = []
    for seed in (1, 1, 2):
        with receiving() as receiver:
            options = openai_options(receiver, disorder=0.5, seed=seed)
            with running("openai", contract=callers, options=options) as gateway:
                orders.append(told(receiver, gateway, 6, 6))

    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert sorted(orders[0]) == list(range(6))
    assert orders[0] != list(range(6))


@pytest.mark.parametrize(
    "settings",
    [{"url": "ftp://127.0.0.1/"}, {"url": "no address"}, {"duplicates": 2}, {"disorder": -1}],
    ids=str,
)
def test_wrong_options_are_refused(settings: dict[str, Any]) -> None:
    """What cannot be done is said at the start."""
    with pytest.raises(UsageError):
        WebhookOptions(**settings)


def test_wrong_secret_is_refused(callers: Contract) -> None:
    """A secret that the dialect's scheme cannot read is said at the start, and not shown."""
    webhooks = WebhookOptions(secret="whsec_%%%not-base64")
    with (
        pytest.raises(UsageError, match="webhook secret") as refused,
        running("openai", contract=callers, options=MockOptions(webhooks=webhooks)),
    ):
        pass
    assert "%%%" not in str(refused.value)


def test_journal_entry_says_whether_it_was_taken() -> None:
    """Only 2xx is a yes."""
    entries = [
        Delivery("m", "e", "j", "u", 1, 0.0, status) for status in (200, 204, 302, 500, None)
    ]

    assert [entry.ok for entry in entries] == [True, True, False, False, False]
