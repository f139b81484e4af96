"""``vidspec check``: a check as a file, and what it would cost."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vidspec.cli import app
from vidspec.cli.rehearsal import Money
from vidspec.cli.report import read_run
from vidspec.conformance import Tariff
from vidspec.errors import UsageError
from vidspec.mock import MockGateway, running


@pytest.fixture(scope="module")
def gateway() -> Iterator[MockGateway]:
    """Give a sound gateway, whose jobs take long enough to be asked about on a busy machine."""
    with running("openai", job_seconds=0.8) as mock:
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
    assert "1 of 1 paid calls (about 0.40)" in done.stdout


def test_money_counts_in_decimal_fractions() -> None:
    assert Money(Tariff(0.1), 0.3).cap(None) == 3
    assert Money(Tariff(0.1), 0.3).cap(2) == 2
    assert Money(Tariff(0.5), 0.4).cap(6) == 0
    assert Money(None, None).cap(6) == 6


def test_the_gateway_lists_what_a_call_costs() -> None:
    # The listed model costs 0.40 a second with sound, and the example asks for 8 seconds.
    with running("openrouter", job_seconds=0.2) as mock:
        done = call(
            mock.base_url, "--dialect", "openrouter", "--api-key", "sk-1234", "--max-cost", "6.4",
        )  # fmt: skip

        assert mock.paid_calls == 2
        assert "2 of 2 paid calls (about 6.40 USD)" in done.stdout

        dry = call(mock.base_url, "--dialect", "openrouter", "--mode", "smoke", "--dry-run")
        assert mock.paid_calls == 2
        assert "At most:   3 = 9.60 USD at 3.2 each" in dry.stdout
        assert "nothing is sent but for the listing of models" in dry.stdout

        given = call(
            mock.base_url, "--dialect", "openrouter", "--price", "7", "--max-cost", "6.4",
            "--dry-run",
        )  # fmt: skip
        assert "At most:   0 = 0.00 at 7 each" in given.stdout


def test_a_limit_on_money_needs_a_price(gateway: MockGateway) -> None:
    before = gateway.paid_calls
    done = call(gateway.base_url, "--dialect", "openai", "--max-cost", "3")

    assert isinstance(done.exception, UsageError)
    assert "openai documents no prices" in str(done.exception)
    assert gateway.paid_calls == before
    nobody = call("http://127.0.0.1:9/v1", "--dialect", "openrouter", "--max-cost", "3")
    assert "cannot be had: ConnectError" in str(nobody.exception)
    with running("openrouter") as mock:
        other = call(
            mock.base_url, "--dialect", "openrouter", "--max-cost", "3",
            "--model", "black-forest-labs/flux-video-upscale",
        )  # fmt: skip
        assert "cents_per_megapixel_second, which cannot be told" in str(other.exception)


def test_shards_are_run_apart_and_merged(gateway: MockGateway, tmp_path: Path) -> None:
    common = [gateway.base_url, "--dialect", "openai", "--mode", "free", "--api-key", "sk-1234"]
    parts = [tmp_path / f"{number}.jsonl" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        call(*common, "--shard", f"{number}/2", "--report", part)
    whole, once = tmp_path / "whole.jsonl", tmp_path / "once.jsonl"
    done = CliRunner().invoke(app, ["report", "merge", *map(str, parts), "--output", str(whole)])
    call(*common, "--report", once)

    assert done.exit_code == 0, done.output
    verdicts = [{o.requirement: o.verdict for o in read_run(p).outcomes} for p in (whole, once)]
    assert verdicts[0] == verdicts[1]


def test_a_check_that_is_killed_leaves_a_truncated_run(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with running("openai", job_seconds=60) as slow:
        command = [sys.executable, "-m", "vidspec", "check", slow.base_url, "--dialect", "openai"]
        with subprocess.Popen(
            [*command, "--mode", "smoke", "--api-key", "sk-1234", "--report", path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and not (
                path.exists() and "jobseen" in path.read_text()
            ):
                time.sleep(0.1)
            process.kill()
    run = read_run(path)

    assert (run.footer.state, run.exit_code) == ("truncated", 4)
    assert run.having("pass")


def test_a_run_that_was_cut_is_resumed_within_what_is_left(
    gateway: MockGateway, tmp_path: Path
) -> None:
    common = [gateway.base_url, "--dialect", "openai", "--mode", "smoke", "--api-key", "sk-1234"]
    first, rest = tmp_path / "first.jsonl", tmp_path / "rest.jsonl"
    call(*common, "--report", first)
    lines = first.read_text().splitlines(keepends=True)
    cut = next(n for n, line in enumerate(lines) if '"started","scenario":"first job"' in line)
    first.write_text("".join(lines[:cut]) + '{"event":"se')
    before = gateway.paid_calls
    done = call(*common, "--resume", first, "--report", rest)

    assert done.exit_code == 0, done.output
    whole = read_run(rest)
    assert whole.footer.state == "complete"
    assert whole.having("not_reached", "fail") == ()
    assert gateway.paid_calls - before == 3
    assert "has left nothing" in str(call(*common, "--resume", rest).exception)
