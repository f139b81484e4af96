"""Webhooks: who signed it, when, and what it says; vectors made by hand, and by the vendor's own library."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import vidspec_client.openai
import vidspec_client.openrouter
from vidspec.contract import load_contract
from vidspec_client import Unsupported, VideoClient, WebhookError, errors
from vidspec_client.openai import webhooks as openai_webhooks
from vidspec_client.openrouter import webhooks as openrouter_webhooks

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
STANDARD = f"whsec_{base64.b64encode(KEY).decode()}"
RAW = "a secret as it is"
VIDEO_EVENT = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "created_at": int(NOW.timestamp()),
        "type": "video.completed",
        "data": {"id": "video_1"},
    }
).encode()
JOB_EVENT = json.dumps(
    {
        "type": "video.generation.failed",
        "created_at": "2026-11-21T06:00:00.000Z",
        "data": {
            "id": "job_1",
            "status": "failed",
            "generation_id": None,
            "model": "google/veo-3.1",
            "error": "refused",
        },
    }
).encode()


def standard(body: bytes = VIDEO_EVENT, at: datetime = NOW, key: bytes = KEY) -> dict[str, str]:
    """Sign as Standard Webhooks says: base64 over id, time and body, joined by full stops."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(key, b"msg_1." + seconds.encode() + b"." + body, hashlib.sha256).digest()
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": seconds,
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def comma(body: bytes = JOB_EVENT, at: datetime = NOW) -> dict[str, str]:
    """Sign with a comma between time and body, in hex, both in one header."""
    seconds = str(int(at.timestamp()))
    signed = hmac.new(RAW.encode(), seconds.encode() + b"," + body, hashlib.sha256)
    return {"x-openrouter-signature": f"t={seconds},v1={signed.hexdigest()}"}


def test_a_signed_message_is_a_typed_event() -> None:
    event = openai_webhooks.verify_and_parse(standard(), VIDEO_EVENT, STANDARD, now=NOW)

    assert (event.type, event.state, event.job_id) == ("video.completed", "completed", "video_1")
    assert (event.id, event.sent_at) == ("msg_1", NOW)
    assert isinstance(event.data, vidspec_client.openai.models.VideoEvent)
    assert event.data.data.id == "video_1"
    assert event.raw["id"] == "evt_1"


def test_the_other_scheme_is_data_too() -> None:
    event = openrouter_webhooks.verify_and_parse(comma(), JOB_EVENT.decode(), RAW, now=NOW)

    assert (event.state, event.job_id, event.id) == ("failed", "job_1", None)
    assert isinstance(event.data, vidspec_client.openrouter.models.VideoFailedEvent)


def test_a_vector_from_the_standard_holds() -> None:
    """The example of the Standard Webhooks text: secret, id, time, body and signature as printed there."""
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    event = openai_webhooks.verify_and_parse(headers, body, secret, now=at)

    assert (event.type, event.state, event.data) == ("None", "unknown", None)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_clocks_may_be_a_little_apart(seconds: int) -> None:
    headers = standard(at=NOW + timedelta(seconds=seconds))
    assert openai_webhooks.verify_and_parse(headers, VIDEO_EVENT, STANDARD, now=NOW)


@pytest.mark.parametrize(("seconds", "why"), [(-301, "too old"), (301, "from the future")])
def test_an_old_message_and_one_from_the_future_are_refused(seconds: int, why: str) -> None:
    headers = standard(at=NOW + timedelta(seconds=seconds))
    with pytest.raises(WebhookError, match=why):
        openai_webhooks.verify_and_parse(headers, VIDEO_EVENT, STANDARD, now=NOW)
    headers = comma(at=NOW + timedelta(seconds=seconds))
    with pytest.raises(WebhookError, match=why):
        openrouter_webhooks.verify_and_parse(headers, JOB_EVENT, RAW, now=NOW)


TAMPERED: dict[str, tuple[dict[str, str], bytes]] = {
    "another body": (standard(), VIDEO_EVENT.replace(b"video_1", b"video_2")),
    "another id": (standard() | {"Webhook-Id": "msg_2"}, VIDEO_EVENT),
    "another time": (standard() | {"Webhook-Timestamp": "1795240801"}, VIDEO_EVENT),
    "another key": (standard(key=b"x" * 32), VIDEO_EVENT),
    "another version": (
        standard() | {"Webhook-Signature": standard()["Webhook-Signature"].replace("v1", "v2")},
        VIDEO_EVENT,
    ),
    "half a signature": (
        standard() | {"Webhook-Signature": standard()["Webhook-Signature"][:20]},
        VIDEO_EVENT,
    ),
    "no signature": ({"Webhook-Id": "msg_1", "Webhook-Timestamp": "1795240800"}, VIDEO_EVENT),
    "an empty one": (standard() | {"Webhook-Signature": ""}, VIDEO_EVENT),
    "no time": ({k: v for k, v in standard().items() if k != "Webhook-Timestamp"}, VIDEO_EVENT),
    "letters, not ASCII": (standard() | {"Webhook-Signature": "v1,äöü"}, VIDEO_EVENT),
    "a long time": (standard() | {"Webhook-Timestamp": "9" * 400}, VIDEO_EVENT),
    "signed, but no object": (standard(b"[]"), b"[]"),
    "signed, but no JSON": (standard(b"hello"), b"hello"),
}


@pytest.mark.parametrize("case", TAMPERED)
def test_what_was_tampered_with_is_refused(case: str) -> None:
    headers, body = TAMPERED[case]
    with pytest.raises(WebhookError) as caught:
        openai_webhooks.verify_and_parse(headers, body, STANDARD, now=NOW)
    assert "0123456789" not in str(caught.value)


def test_a_time_that_is_signed_and_no_time_is_refused() -> None:
    body, seconds = VIDEO_EVENT, "soon"
    digest = hmac.new(KEY, b"msg_1.soon." + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    with pytest.raises(WebhookError, match="no time"):
        openai_webhooks.verify_and_parse(headers, body, STANDARD, now=NOW)


def test_secrets_and_signatures_can_be_several_while_one_is_replaced() -> None:
    old = standard(key=b"old key, going away")["Webhook-Signature"]
    headers = standard() | {"Webhook-Signature": f"{old} {standard()['Webhook-Signature']}"}
    secrets = ["whsec_b2xkIGtleQ==", STANDARD]
    assert openai_webhooks.verify_and_parse(headers, VIDEO_EVENT, secrets, now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%"])
def test_what_cannot_be_a_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="no webhook secret") as caught:
        openai_webhooks.verify_and_parse(standard(), VIDEO_EVENT, secret, now=NOW)
    assert not isinstance(caught.value, errors.VideoError)


def test_an_event_that_has_drifted_keeps_its_body() -> None:
    body = b'{"type": "video.completed", "data": {"id": 7}, "more": 1}'
    event = openai_webhooks.verify_and_parse(standard(body), body, STANDARD, now=NOW)
    assert (event.state, event.job_id, event.data) == ("completed", "7", None)
    assert event.raw["more"] == 1


def test_the_client_over_all_dialects_reads_them_too() -> None:
    with VideoClient("openrouter", api_key="k") as client:
        event = client.verify_and_parse(comma(), JOB_EVENT, RAW, now=NOW)
        assert (event.state, event.job_id) == ("failed", "job_1")
    with (
        VideoClient("kling", base_url="http://k.invalid") as client,
        pytest.raises(Unsupported, match="signs no webhooks"),
    ):
        client.verify_and_parse({}, b"{}", RAW)


def test_the_vendors_own_library_agrees() -> None:
    """What we take, openai's verifier takes; what it refuses, we refuse."""
    openai = pytest.importorskip("openai")
    now = datetime.now(UTC).replace(microsecond=0)
    vendor = openai.OpenAI(api_key="k", webhook_secret=STANDARD).webhooks

    def theirs(headers: Mapping[str, str], body: bytes) -> bool:
        try:
            vendor.verify_signature(body, headers)
        except (openai.InvalidWebhookSignatureError, ValueError):
            return False
        return True

    def ours(headers: Mapping[str, str], body: bytes) -> bool:
        try:
            openai_webhooks.verify_and_parse(headers, body, STANDARD)
        except WebhookError:
            return False
        return True

    cases: list[tuple[dict[str, str], bytes, bool]] = [
        (standard(at=now), VIDEO_EVENT, True),
        (standard(at=now - timedelta(seconds=290)), VIDEO_EVENT, True),
        (standard(at=now - timedelta(seconds=310)), VIDEO_EVENT, False),
        (standard(at=now + timedelta(seconds=310)), VIDEO_EVENT, False),
        (standard(at=now), VIDEO_EVENT + b" ", False),
        (standard(at=now, key=b"other"), VIDEO_EVENT, False),
    ]
    for headers, body, holds in cases:
        assert theirs(headers, body) == ours(headers, body) == holds


def test_every_event_of_the_document_has_a_state_and_a_model() -> None:
    for dialect in load_contract().dialects.values():
        if dialect.webhooks is None:
            continue
        documented = examples_of(dialect.document["webhooks"])
        types = {example["type"] for example in documented}
        assert types == set(dialect.webhooks.events)


def examples_of(webhooks: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        example["value"]
        for item in webhooks.values()
        for example in item["post"]["requestBody"]["content"]["application/json"][
            "examples"
        ].values()
    ]
