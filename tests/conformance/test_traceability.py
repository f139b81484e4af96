from conformance.story import told
from vidspec.conformance.traceability import trace
from vidspec.contract import Contract


def test_nothing_is_untested_and_unexplained(contract: Contract) -> None:
    traced = trace(contract)

    assert [entry.requirement for entry in traced if not entry.explained] == []
    assert len(traced) == len(contract.requirements)
    assert {entry.judged_by for entry in traced} >= {"", "every exchange", "list", "content"}


def test_each_run_adds_a_verdict(contract: Contract) -> None:
    runs = (told({"delete-twice": "fail"}), told({"list-cursor": "pass"}))
    seen = {entry.requirement: entry.verdicts for entry in trace(contract, runs)}

    assert seen["delete-twice"] == ("fail", "-")
    assert seen["list-cursor"] == ("-", "pass")
