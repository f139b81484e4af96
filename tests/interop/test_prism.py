"""Prism, an example server, plays our document: it answers in shape and keeps nothing, and that is its verdict.

``VIDSPEC_PRISM`` names its executable (the ``interop`` session installs it).
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import httpx2
import pytest

from vidspec.conformance import Options, Target, check, render
from vidspec.conformance.target import Mode
from vidspec.contract import Contract, load_contract

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def contract() -> Contract:
    """Give the dialect that is played."""
    return load_contract(dialects=["openai"])


@pytest.fixture(scope="module")
def prism(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Play the bundled document; give the base URL."""
    folder = tmp_path_factory.mktemp("prism")
    path = folder / "openapi.json"
    path.write_text(json.dumps(contract.dialects["openai"].document))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [os.environ["VIDSPEC_PRISM"], "mock", "-h", "127.0.0.1", "-p", str(port), str(path)],
            cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 120
            while not up(url):
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < deadline, (folder / "log").read_text()[-2000:]
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def up(url: str) -> bool:
    """Say whether Prism answers at all."""
    try:
        httpx2.get(f"{url}/videos", timeout=2)
    except httpx2.HTTPError:
        return False
    return True


@pytest.mark.parametrize("mode", ["free", "standard"])
def test_an_example_server_is_stateless_and_does_not_conform(
    contract: Contract, prism: str, mode: Mode
) -> None:
    """It is found out by a free question: no job is made for nothing."""
    target = Target(prism, "openai", api_key="sk-prism-0123456789", model="sora-2")
    run = check(contract, target, Options(mode=mode))

    assert [finding.code for finding in run.findings] == ["stateless"]
    assert run.exit_code == 1
    assert run.footer.paid == 0
    assert "errors-unknown-id-refused" in run.having("fail")
    assert "does not conform" in render(run, "text")
