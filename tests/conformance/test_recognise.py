"""Which dialect is spoken: every mock is recognised, and what could be several is called so."""

from typing import Any

import pytest

from conformance.gateway import KEY, Gateway, serving
from vidspec.conformance import decided, recognise
from vidspec.contract import Contract, load_contract
from vidspec.errors import UsageError
from vidspec.mock import running

_CONTRACT = load_contract()


@pytest.mark.parametrize("name", sorted(_CONTRACT.dialects))
def test_each_dialect_is_recognised_above_all_others(name: str) -> None:
    with running(name, contract=_CONTRACT) as mock:
        found = recognise(_CONTRACT.dialects, mock.base_url)
        paid = mock.paid_calls

    assert decided(found, mock.base_url).dialect == name
    assert found[0].told
    assert all(other.rank < found[0].rank for other in found[1:])
    assert paid == 0


def test_a_gateway_that_is_no_mock_is_recognised() -> None:
    gateway = Gateway()
    with serving(gateway.app()) as origin:
        found = decided(recognise(_CONTRACT.dialects, f"{origin}/v1", KEY), origin)

    assert found.dialect == "openai"
    assert gateway.paid == 0


def test_what_could_be_several_is_not_guessed(contract: Contract) -> None:
    twins = {"one": contract.dialects["openai"], "other": contract.dialects["openai"]}
    with running("openai", contract=contract) as mock:
        found = recognise(twins, mock.base_url)
        with pytest.raises(UsageError, match="any of openai, openai") as error:
            decided(found, mock.base_url)
    assert error.value.exit_code == 2
    assert "GET /videos: 401 as documented" in str(error.value)


async def _page(scope: Any, receive: Any, send: Any) -> None:
    """Answer everything alike, as a web server does that serves an application."""
    headers = [(b"content-type", b"application/json")]
    body = b'{"error": {"message": "no", "type": "x", "param": null, "code": null}}'
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def test_who_answers_everything_alike_speaks_nothing() -> None:
    with serving(_page) as origin, pytest.raises(UsageError, match="answers as none of"):
        decided(recognise(_CONTRACT.dialects, origin), origin)


def test_nobody_there_is_said(contract: Contract) -> None:
    with pytest.raises(UsageError, match="nothing answers"):
        recognise(contract.dialects, "http://127.0.0.1:9")
