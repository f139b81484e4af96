"""Models of the mock: what each can do is what the specification says, and costs are counted from its prices."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from vidspec.contract import Contract, load_contract
from vidspec.contract.catalogue import catalogue
from vidspec.mock import MockGateway, running

KEY = {"authorization": "Bearer any"}
VEO, SORA, UPSCALE = (
    "google/veo-3.1", "openai/sora-2-pro", "black-forest-labs/flux-video-upscale",
)  # fmt: skip


@pytest.fixture(scope="module")
def priced() -> Contract:
    """Give the dialects that say something of their models."""
    return load_contract(dialects=["openai", "openrouter", "modelgates"])


@pytest.fixture(scope="module")
def gateway(priced: Contract) -> Iterator[MockGateway]:
    """Give a mock that holds requests to their models."""
    with running(*priced.dialects, contract=priced, job_seconds=0, model_limits=True) as one:
        yield one


def create(gateway: MockGateway, dialect: str, body: dict[str, Any]) -> httpx2.Response:
    """Ask for a video."""
    url = f"{gateway.base_urls[dialect]}/videos"
    return httpx2.post(url, json={"prompt": "a fox", **body}, headers=KEY)


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        ("openai", {"model": "sora-2", "size": "720x1280"}),
        ("openai", {"model": "sora-2-pro", "size": "1792x1024"}),
        ("openai", {"model": "another", "size": "1792x1024"}),
        ("openrouter", {"model": VEO, "duration": 6, "size": "3840x2160", "seed": 7}),
        ("openrouter", {"model": SORA, "duration": 20, "resolution": "1080p"}),
        ("openrouter", {"model": UPSCALE, "duration": 77}),
        ("openrouter", {"model": "unknown/model", "duration": 77}),
        ("modelgates", {"model": VEO, "duration": 4, "generate_audio": False}),
    ],
)
def test_what_a_model_can_do_is_done(
    gateway: MockGateway, dialect: str, body: dict[str, Any]
) -> None:
    """Values that the model has, and whatever nothing is said of."""
    assert create(gateway, dialect, body).is_success


@pytest.mark.parametrize(
    ("dialect", "body", "param", "offered"),
    [
        ("openai", {"model": "sora-2", "size": "1792x1024"}, "size", "1280x720, 720x1280"),
        ("openai", {"size": "1024x1792"}, "size", "1280x720, 720x1280"),
        ("openrouter", {"model": VEO, "duration": 5}, "duration", "8, 4, 6"),
        ("openrouter", {"model": SORA, "resolution": "4K"}, "resolution", "720p, 1080p"),
        ("openrouter", {"model": SORA, "aspect_ratio": "1:1"}, "aspect_ratio", "16:9, 9:16"),
        ("openrouter", {"model": SORA, "seed": 7}, "seed", "none"),
        ("modelgates", {"model": VEO, "size": "3840x2160"}, "size", "1280x720"),
    ],
)
def test_what_a_model_cannot_do_is_refused(
    gateway: MockGateway, dialect: str, body: dict[str, Any], param: str, offered: str
) -> None:
    """In the dialect's own envelope, with the name of the field and what there is instead."""
    reply = create(gateway, dialect, body)

    assert reply.status_code == 400
    error = reply.json()["error"]
    assert f"does not support this {param}; it supports: {offered}" in error["message"]
    if dialect == "openai":
        assert error["param"] == param


def test_limits_are_held_only_when_asked(priced: Contract) -> None:
    """By default the document decides: what its schema allows is made."""
    with running("openai", contract=priced, job_seconds=0) as gateway:
        assert create(gateway, "openai", {"model": "sora-2", "size": "1792x1024"}).is_success


def test_inputs_are_limited_too(priced: Contract) -> None:
    """A model that lists first frames alone takes no last one; one that lists nothing is not judged."""
    models = catalogue(priced.dialects["openrouter"])

    assert "image" not in models[VEO].limits
    assert "last_image" not in models[VEO].limits
    assert "image" not in models[SORA].limits


@pytest.mark.parametrize(
    ("body", "cost"),
    [
        ({"model": VEO, "duration": 8}, 3.2),
        ({"model": VEO, "duration": 6}, 2.4),
        ({"model": VEO, "duration": 6, "generate_audio": False}, 1.2),
        ({"model": SORA, "duration": 4, "resolution": "720p"}, 1.2),
        ({"model": SORA, "duration": 4, "size": "1920x1080"}, 2.0),
    ],
)
def test_cost_is_counted_from_the_listed_prices(
    gateway: MockGateway, body: dict[str, Any], cost: float
) -> None:
    """Seconds by the price of a second, by sound and by height, as the listing of models says."""
    made = create(gateway, "openrouter", body).json()
    url = f"{gateway.base_urls['openrouter']}/videos/{made['id']}"

    job = httpx2.get(url, headers=KEY).json()

    assert job["usage"]["cost"] == pytest.approx(cost)


def test_cost_of_a_model_without_prices_is_the_examples(gateway: MockGateway) -> None:
    """Where nothing is said of a price, the reply shows what the document's example shows."""
    made = create(gateway, "openrouter", {"model": "unknown/model", "duration": 2}).json()
    url = f"{gateway.base_urls['openrouter']}/videos/{made['id']}"

    assert httpx2.get(url, headers=KEY).json()["usage"]["cost"] == 3.2


def test_first_frames_alone() -> None:
    """Which inputs a model takes is read from the listing's own words."""
    dialect = load_contract(dialects=["openrouter"]).dialects["openrouter"]
    listing = next(dialect.roles("models")).success.contents[0].examples[0].value
    listing["data"][0]["supported_frame_images"] = ["first_frame"]

    assert catalogue(dialect)[VEO].limits["last_image"] == ()
    assert "image" not in catalogue(dialect)[VEO].limits
