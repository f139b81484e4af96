"""The proof proves something: it counts right, it explains nothing away, and its mutants are real."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mutation.scoring import Listed, Score, read_list, score, share_of
from mutation.trial import Mutant, Trial, attempt, judged, mutants
from vidspec.contract import Contract, load_contract


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract(dialects=["openai", "kling"])


def _trial(name: str, verdict: str = "fail", *others: str) -> Trial:
    return Trial(Mutant("toy", name), verdict, others, "smoke", 0.1)


def _score(*trials: Trial, listed: tuple[Listed, ...] = (), whole: bool = True) -> Score:
    return score([*trials, *(_trial(f"sound-{n}") for n in range(100))], listed, whole=whole)


def test_killed_by_its_own_alone_is_good() -> None:
    found = _score(_trial("a"), _trial("b", "warn"))

    assert (found.killed, found.share, found.good) == (102, 1.0, True)


@pytest.mark.parametrize(
    "odd", [_trial("odd", "pass"), _trial("odd", "disabled"), _trial("odd", "fail", "another")]
)
def test_what_is_not_listed_is_bad(odd: Trial) -> None:
    found = _score(odd)

    assert found.share > 0.98
    assert (found.unlisted, found.good) == ((odd,), False)


def test_a_listed_mutant_is_excused_as_far_as_the_entry_goes() -> None:
    entry = Listed("odd", "t*", "with others", frozenset({"another"}), "It has to be.")

    assert _score(_trial("odd", "fail", "another"), listed=(entry,)).good
    assert not _score(_trial("odd", "fail", "another", "third"), listed=(entry,)).good
    assert not _score(_trial("odd", "pass", "another"), listed=(entry,)).good


def test_an_entry_that_is_no_longer_true_is_bad_in_the_whole_matrix() -> None:
    entry = Listed("odd", "*", "survived", frozenset(), "It has to be.")

    assert _score(_trial("odd"), listed=(entry,)).stale == (entry,)
    assert not _score(_trial("odd"), listed=(entry,)).good
    assert _score(_trial("odd"), listed=(entry,), whole=False).good


def test_reasons_do_not_help_when_too_few_are_killed() -> None:
    entry = Listed("odd-*", "*", "survived", frozenset(), "It has to be.")
    found = _score(*(_trial(f"odd-{n}", "pass") for n in range(3)), listed=(entry,))

    assert found.unlisted == ()
    assert not found.good


def test_an_entry_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("listed:\n  - {mutant: a, result: survived, reason: because}\n")

    with pytest.raises(ValueError, match="says why"):
        read_list(path)
    path.write_text("listed:\n  - {mutant: a, result: killed, reason: because it is so good}\n")
    with pytest.raises(ValueError, match="result"):
        read_list(path)


def test_the_list_names_what_there_is() -> None:
    contract = load_contract()
    known = {(mutant.requirement, mutant.dialect) for mutant in mutants(contract)}

    for entry in read_list():
        assert (entry.mutant, entry.dialect) in known
        assert entry.others <= {requirement.id for requirement in contract.requirements}


def test_shards_are_the_whole_and_share_nothing() -> None:
    some = [Mutant("toy", f"r{n}") for n in range(10)]
    parts = [share_of(some, f"{n}/3") for n in (1, 2, 3)]

    assert sorted(mutant for part in parts for mutant in part) == sorted(some)
    assert share_of(some, None) == some


@pytest.mark.parametrize("dialect", ["openai", "kling"])
def test_without_a_fault_nobody_fails(contract: Contract, dialect: str) -> None:
    run, paid = judged(contract, dialect, None, "smoke")

    assert run.footer.paid == paid <= 3
    assert run.having("fail", "warn", "error", "untestable", "not_reached") == ()


def test_a_mutant_is_killed_and_a_fault_that_cannot_show_survives(contract: Contract) -> None:
    assert attempt(contract, Mutant("openai", "retrieve-status-forward")).result == "killed"
    jimeng = load_contract(dialects=["jimeng"])
    assert attempt(jimeng, Mutant("jimeng", "retrieve-id-stable")).result == "survived"


def test_the_command_runs_a_part_and_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "matrix.json"
    command = [sys.executable, "-m", "mutation", "--dialect", "kling", "--only", "create-i*"]
    done = subprocess.run(
        [*command, "--workers", "1", "--json", str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed by their own alone: 100.0%" in done.stdout
    written = json.loads(path.read_text())
    assert [t["requirement"] for t in written["trials"]] == ["create-id", "create-initial-state"]
    assert written["good"] is True
