"""``vidspec new dialect``: sound from the first moment, and never over something else."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vidspec.cli import app
from vidspec.conformance import Options, Target, check
from vidspec.contract import load_contract
from vidspec.emit import emit
from vidspec.errors import UsageError
from vidspec.mock import running


def new(*arguments: str) -> str:
    """Run the command; return what it says. A refusal is raised."""
    done = CliRunner().invoke(app, ["new", "dialect", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


@pytest.mark.parametrize("name", ["a", "class", "not-like-any-other-2"])
def test_it_lints_generates_and_holds_what_it_says(name: str, tmp_path: Path) -> None:
    new(name, "--output", str(tmp_path))

    contract = load_contract(tmp_path, lint=True)
    tree = emit(contract)
    with running(name, contract=contract, job_seconds=0.1) as gateway:
        target = Target(gateway.base_url, name, "a-key")
        run = check(contract, target, Options(mode="smoke", poll_interval=0.05))

    assert any(path.endswith("/service.py") for path in tree)
    assert (run.exit_code, run.having("fail", "warn", "untestable", "error")) == (0, ())


@pytest.mark.parametrize(
    "name", ["", "Fable", "../evil", "a/b", "a b", "1st", "a\n", "-a", "@NAME@"]
)
def test_a_name_must_be_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name"):
        new("--output", str(tmp_path), "--", name)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    new("fable", "--output", str(tmp_path))
    path = tmp_path / "dialects" / "fable" / "openapi.yaml"
    path.write_text("mine")

    with pytest.raises(UsageError, match="is there already"):
        new("fable", "--output", str(tmp_path))
    assert path.read_text() == "mine"
