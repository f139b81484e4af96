import pytest

from conformance.story import told
from vidspec.conformance import Run, Shard, merge, read_lines
from vidspec.conformance.observe import ALWAYS
from vidspec.contract import Contract
from vidspec.errors import UsageError


def test_parts_make_one_run_with_exchanges_of_their_own() -> None:
    one, two = told({"a": "fail", "b": "pass"}), told({"c": "pass", "d": "fail"}, body="other")
    whole = merge([one, two])

    assert [o.verdict for o in whole.outcomes] == ["fail", "pass", "pass", "fail"]
    assert sorted(whole.exchanges) == [1, 3]
    failure = whole.failures_of("d")[0]
    assert failure.exchange is not None
    assert whole.exchanges[failure.exchange].response_body == "other"
    assert (whole.footer.requests, whole.footer.paid, whole.header.budget) == (4, 4, 6)
    assert Run.of(read_lines(whole.lines().splitlines())) == whole


def test_what_one_part_judged_counts_over_what_another_left() -> None:
    whole = merge([told({"a": "not_reached"}), told({"a": "pass"}), told({"a": "disabled"})])

    assert whole.having("pass") == ("a",)


def test_a_cut_part_cuts_the_whole_unless_it_was_continued() -> None:
    cut, rest = told({"a": "pass"}, complete=False), told({"b": "pass"})

    assert merge([cut, rest]).exit_code == 4
    assert merge([cut, rest], continued=True).exit_code == 0
    assert merge([rest, cut], continued=True).exit_code == 4


def test_parts_of_different_checks_are_refused() -> None:
    with pytest.raises(UsageError, match="runs of different url cannot be merged"):
        merge([told({}), told({}, url="https://other.test")])
    with pytest.raises(UsageError, match="no run"):
        merge([])


def test_shards_cover_everything_and_overlap_only_where_every_exchange_is_judged(
    contract: Contract,
) -> None:
    known = {r.id for r in contract.requirements if not r.excluded}
    parts = [Shard(number, 4).of(known) for number in (1, 2, 3, 4)]

    assert frozenset().union(*parts) == known
    assert parts[0] & parts[1] == ALWAYS & known
    assert Shard(1, 1).of(known) == known


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/2/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a shard"):
        Shard.read(text)
