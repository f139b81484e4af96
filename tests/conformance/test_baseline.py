import datetime as dt
from pathlib import Path

import pytest

from conformance.story import told
from vidspec.conformance import Entry, Run, apply, dump_baseline, load_baseline, read_lines, updated
from vidspec.contract import Contract
from vidspec.errors import UsageError

TODAY = dt.date(2026, 11, 21)


def excuse(requirement: str, **more: object) -> Entry:
    return Entry(requirement, "the vendor knows", **more)  # type: ignore[arg-type]


def test_a_listed_failure_is_known_and_does_not_count() -> None:
    run = apply(told({"a": "fail", "b": "pass"}), [excuse("a", link="https://bugs.test/1")], TODAY)

    assert run.having("known") == ("a",)
    assert run.outcomes[0].reason == "the vendor knows https://bugs.test/1"
    assert run.exit_code == 0


def test_an_unlisted_failure_counts() -> None:
    run = apply(told({"a": "fail", "b": "untestable"}), [excuse("a")], TODAY)

    assert run.having("untestable") == ("b",)
    assert run.exit_code == 1


def test_a_listed_requirement_that_passes_is_stale() -> None:
    run = apply(told({"a": "pass"}), [excuse("a")], TODAY)

    assert [(lapsed.requirement, lapsed.kind) for lapsed in run.lapsed] == [("a", "stale")]
    assert run.exit_code == 1


@pytest.mark.parametrize(("day", "code"), [(TODAY, 0), (TODAY - dt.timedelta(days=1), 1)])
def test_an_excuse_holds_up_to_its_last_day(day: dt.date, code: int) -> None:
    run = apply(told({"a": "fail"}), [excuse("a", expires=day)], TODAY)

    assert run.exit_code == code
    assert bool(run.lapsed) == bool(code)


def test_an_entry_speaks_of_the_gateways_its_glob_names() -> None:
    failed = told({"a": "fail"})

    assert apply(failed, [excuse("a", target="https://other.*")], TODAY).exit_code == 1
    assert apply(failed, [excuse("a", target="https://gateway.*/v1")], TODAY).exit_code == 0


def test_what_was_not_judged_is_neither_excused_nor_stale() -> None:
    run = apply(told({"a": "disabled", "b": "pass"}), [excuse("a"), excuse("c")], TODAY)

    assert run.having("disabled") == ("a",)
    assert (run.lapsed, run.exit_code) == ((), 0)


def test_a_truncated_run_is_not_passed_by_its_baseline() -> None:
    run = apply(told({"a": "fail", "b": "pass"}, complete=False), [excuse("a")], TODAY)

    assert run.exit_code == 4


def test_the_excuses_are_part_of_the_stream() -> None:
    run = apply(told({"a": "fail", "b": "pass"}), [excuse("a"), excuse("b")], TODAY)

    assert Run.of(read_lines(run.lines().splitlines())) == run


def test_an_update_lists_what_fails_and_drops_what_is_over() -> None:
    run = told({"a": "fail", "b": "pass", "c": "untestable", "d": "disabled", "w": "warn"})
    old = [excuse("a"), excuse("b"), excuse("d"), excuse("b", target="https://other.test/*")]
    new = updated(run, old, TODAY)

    assert [(e.requirement, e.target) for e in new] == [
        ("a", None), ("b", "https://other.test/*"), ("c", None), ("d", None),
    ]  # fmt: skip
    assert new[0].reason == "the vendor knows"
    assert apply(run, new, TODAY).exit_code == 0


def test_a_baseline_reads_back(tmp_path: Path, contract: Contract) -> None:
    path = tmp_path / "baseline.yaml"
    entries = (
        excuse("delete-twice", link="https://bugs.test/1", expires=TODAY, target="http://*"),
        Entry("list-cursor", "one: two # three"),
    )
    path.write_text(dump_baseline(entries))

    assert load_baseline(path, contract) == entries


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("failures: [{requirement: no-such, reason: x}]", ":1:.*no requirement 'no-such'"),
        ("failures:\n  - {requirement: delete-twice}", ":2:.*'reason' is missing"),
        ("failures: [{requirement: delete-twice, reason: ''}]", "'reason' must be a text"),
        ("failures: [{requirement: delete-twice, reason: x, until: 1}]", "unknown key 'until'"),
        (
            "failures: [{requirement: delete-twice, reason: x, expires: soon}]",
            "Invalid isoformat string",
        ),
        ("failures: [1]", "an entry is a mapping"),
        ("known: []", "one key, 'failures'"),
        ("failures: [", "yaml"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(
    text: str, complaint: str, tmp_path: Path, contract: Contract
) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)

    with pytest.raises(UsageError, match=complaint):
        load_baseline(path, contract)
