"""Gateways that somebody wrote on the emitted stubs: the check finds nothing wrong with them."""

from typing import Any

import pytest

from conformance.gateway import KEY, serving
from conformance.stub_kling import Workshop
from conformance.stub_openai import Studio
from vidspec.conformance import Options, Target, check
from vidspec.contract import Contract

#: Dialect → the gateway, the path of its base URL, and a model that it has.
_GATEWAYS: dict[str, tuple[Any, str, str]] = {
    "openai": (Studio, "/v1", "sora-2"),
    "kling": (Workshop, "", "kling-v1"),
}


@pytest.mark.parametrize("dialect", _GATEWAYS)
@pytest.mark.parametrize("mode", ["free", "smoke", "standard"])
def test_a_gateway_on_the_stubs_conforms(contract: Contract, dialect: str, mode: Any) -> None:
    make, path, model = _GATEWAYS[dialect]
    gateway = make()
    with serving(gateway.app()) as origin:
        target = Target(origin + path, dialect, api_key=KEY, model=model)
        options = Options(mode=mode, poll_interval=0.05, fail_prompt="fail please")
        run = check(contract, target, options)

    assert run.having("fail", "warn", "untestable", "error", "not_reached") == ()
    assert run.exit_code == 0
    assert run.footer.state == "complete"
    assert run.footer.paid == gateway.paid
    assert gateway.paid <= {"free": 0, "smoke": 3, "standard": 6}[mode]
