"""What a request costs, by what a listing of models says."""

import json

import pytest

from vidspec.conformance.purse import Purse
from vidspec.conformance.tariff import Tariff
from vidspec.contract import Contract, Prices, load_contract
from vidspec.contract.prices import Unpriced, price_of

_ASKED = {"model": "m", "seconds": 8, "resolution": "720p"}


@pytest.fixture(scope="module")
def prices() -> Prices:
    """Give what a dialect documents."""
    listing = _contract().dialects["openrouter"].by_role("models")
    assert listing is not None
    assert listing.prices is not None
    return listing.prices


def _contract() -> Contract:
    return load_contract(None, ["openrouter"])


@pytest.mark.parametrize(
    ("charges", "cost"),
    [
        ({"duration_seconds": "0.05"}, 0.4),
        ({"duration_seconds_with_audio": "0.40", "duration_seconds_without_audio": "0.20"}, 3.2),
        ({"duration_seconds_720p": "0.30", "duration_seconds_1080p": "0.50"}, 2.4),
        ({"duration_seconds_4k": "1"}, 8.0),
        ({"duration_seconds": "0.001", "minimum_cents_per_generation": "5"}, 0.05),
    ],
)
def test_the_dearest_charge_that_fits_is_the_price(
    prices: Prices, charges: dict[str, str], cost: float
) -> None:
    assert price_of(prices, {"pricing_skus": charges}, _ASKED) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (None, "tells no price"),
        ({"pricing_skus": {}}, "tells no price"),
        ({"pricing_skus": None}, "tells no price"),
        ({"pricing_skus": {"duration_seconds": "1", "video_tokens": "1"}}, "video_tokens, which"),
        ({"pricing_skus": {"duration_seconds": "cheap"}}, "is no amount"),
        ({"pricing_skus": {"duration_seconds": "-1"}}, "is no amount"),
        ({"pricing_skus": {"duration_seconds_1080p": "1"}}, "fits the request"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(prices: Prices, entry: object, why: str) -> None:
    with pytest.raises(Unpriced, match=why):
        price_of(prices, entry, _ASKED)


def test_a_request_is_priced_by_what_it_asks_for(prices: Prices) -> None:
    create = _contract().dialects["openrouter"].by_role("create")
    entry = {"pricing_skus": {"duration_seconds_720p": "0.5", "duration_seconds_1080p": "1"}}
    tariff = Tariff(4.0, "USD", prices, {"m": entry}, _ASKED)

    def cost(**body: object) -> float:
        return tariff.of(create, json.dumps(body).encode())

    assert cost() == 4.0
    assert cost(duration=4) == 2.0
    assert cost(duration=4, resolution="1080p") == 4.0
    assert cost(duration="long") == cost(duration=0) == cost(model="other") == 4.0
    assert tariff.of(create, b"no JSON") == tariff.of(None, b"") == 4.0


def test_calls_under_way_count_as_spent() -> None:
    purse = Purse(None, most=0.3)
    assert [purse.reserve(0.1) for _ in range(4)] == [True, True, True, False]
    purse.settle(0.1, accepted=False)
    assert purse.reserve(0.1)
    assert not purse.reserve(0.1)
    for _ in range(3):
        purse.settle(0.1, accepted=True)
    assert (purse.spent, purse.reserved, purse.pledged) == (3, 0, 0.0)
    assert purse.cost == pytest.approx(0.3)
    assert Purse(0).reserve(0.0) is False
