"""``vidspec check``: a check as a file, and what it would cost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vidspec.cli import app
from vidspec.cli.rehearsal import Money
from vidspec.errors import UsageError
from vidspec.mock import MockGateway, running


@pytest.fixture(scope="module")
def gateway() -> Iterator[MockGateway]:
    """Give a sound gateway."""
    with running("openai", job_seconds=0.2) as mock:
        yield mock


def call(*arguments: str | Path, **environment: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["check", *map(str, arguments)], env=environment)


def test_a_file_is_a_whole_check(gateway: MockGateway, tmp_path: Path) -> None:
    config = tmp_path / "vidspec-check.toml"
    config.write_text(
        f'target = "{gateway.base_url}"\ndialect = "openai"\nmode = "free"\n'
        'api-key = "$GATEWAY_KEY"\nonly = ["auth-"]\n'
    )
    done = call("--config", config, GATEWAY_KEY="sk-from-the-environment")

    assert done.exit_code == 0, done.output
    assert "mode free" in done.stdout
    assert "mode smoke" in call("--config", config, "--mode", "smoke", GATEWAY_KEY="sk").stdout


def test_what_no_one_says_is_asked_for() -> None:
    assert "a URL is missing" in str(call().exception)
    assert "a dialect is missing" in str(call("http://127.0.0.1:9/v1").exception)


def test_a_dry_run_sends_nothing_and_names_the_most_it_may_cost() -> None:
    done = call(
        "http://127.0.0.1:9/v1", "--dialect", "openai", "--mode", "smoke", "--price", "0.4",
        "--dry-run",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "At most:   3 = 1.20 at 0.4 each" in done.stdout
    assert "POST   /videos  {" in done.stdout
    assert "DELETE /videos/{first job}" in done.stdout


def test_a_limit_on_money_is_a_limit_on_paid_calls(gateway: MockGateway) -> None:
    before = gateway.paid_calls
    done = call(
        gateway.base_url, "--dialect", "openai", "--mode", "smoke", "--api-key", "sk-1234",
        "--price", "0.4", "--max-cost", "0.5",
    )  # fmt: skip

    assert gateway.paid_calls - before == 1
    assert "paid calls: 1 = 0.40 at 0.4 each" in done.stderr


def test_money_counts_in_decimal_fractions() -> None:
    assert Money(0.1, 0.3).cap(None) == 3
    assert Money(0.1, 0.3).cap(2) == 2
    assert Money(0.5, 0.4).cap(6) == 0
    assert Money(None, None).cap(6) == 6
    with pytest.raises(UsageError, match="needs the price"):
        Money(None, 3).cap(6)
