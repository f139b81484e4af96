import datetime as dt
import json
import re
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from conformance.story import told
from vidspec.conformance import Run, apply, read_lines, render
from vidspec.conformance.baseline import Entry
from vidspec.conformance.events import Finding
from vidspec.conformance.report import ALL_KINDS, KINDS, compare, render_all, render_diff
from vidspec.errors import UsageError

TODAY = dt.date(2026, 11, 21)

EVIL = "</pre><script>alert('x')</script> | `x` \n::error::[a](http://evil.test)"
#: The parts of sarif-schema-2.1.0.json that our logs use, with its names, types and enums.
SARIF: dict[str, Any] = {
    "type": "object", "required": ["version", "runs"], "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": {
            "type": "object", "required": ["text"], "additionalProperties": False,
            "properties": {"text": {"type": "string"}},
        },
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "run": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False,
            "properties": {
                "tool": {"type": "object", "required": ["driver"], "additionalProperties": False,
                    "properties": {"driver": {
                        "type": "object", "required": ["name"], "additionalProperties": False,
                        "properties": {
                            "name": {"type": "string"}, "version": {"type": "string"},
                            "rules": {"type": "array", "uniqueItems": True,
                                      "items": {"$ref": "#/$defs/rule"}},
                        },
                    }}},
                "automationDetails": {"type": "object", "properties": {"id": {"type": "string"}},
                                      "additionalProperties": False},
                "invocations": {"type": "array", "items": {"$ref": "#/$defs/invocation"}},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "type": "object", "required": ["id"], "additionalProperties": False,
            "properties": {
                "id": {"type": "string"}, "helpUri": {"type": "string", "format": "uri"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "help": {"$ref": "#/$defs/message"},
                "defaultConfiguration": {
                    "type": "object", "additionalProperties": False,
                    "properties": {"level": {"$ref": "#/$defs/level"}},
                },
            },
        },
        "invocation": {
            "type": "object", "required": ["executionSuccessful"], "additionalProperties": False,
            "properties": {
                "executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"},
                "startTimeUtc": {"type": "string", "format": "date-time"},
                "endTimeUtc": {"type": "string", "format": "date-time"},
                "toolExecutionNotifications": {"type": "array", "items": {
                    "type": "object", "required": ["message"], "additionalProperties": False,
                    "properties": {
                        "descriptor": {"type": "object"}, "level": {"$ref": "#/$defs/level"},
                        "message": {"$ref": "#/$defs/message"},
                    },
                }},
            },
        },
        "result": {
            "type": "object", "required": ["message"], "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": -1},
                "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
                "level": {"$ref": "#/$defs/level"}, "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False,
                    "properties": {
                        "physicalLocation": {"type": "object", "required": ["artifactLocation"]},
                        "logicalLocations": {"type": "array", "minItems": 1, "uniqueItems": True},
                    },
                }},
                "partialFingerprints": {"$ref": "#/$defs/headers"},
                "suppressions": {"type": "array", "items": {
                    "type": "object", "required": ["kind"], "additionalProperties": False,
                    "properties": {"kind": {"enum": ["inSource", "external"]},
                                   "justification": {"type": "string"}},
                }},
                "webRequest": {
                    "type": "object", "additionalProperties": False,
                    "properties": {"method": {"type": "string"}, "target": {"type": "string"},
                                   "headers": {"$ref": "#/$defs/headers"},
                                   "body": {"$ref": "#/$defs/message"}},
                },
                "webResponse": {
                    "type": "object", "additionalProperties": False,
                    "properties": {"statusCode": {"type": "integer"},
                                   "headers": {"$ref": "#/$defs/headers"},
                                   "body": {"$ref": "#/$defs/message"},
                                   "noResponseReceived": {"type": "boolean"}},
                },
            },
            # An outcome that is not a failure has no level.
            "if": {"properties": {"kind": {"not": {"const": "fail"}}}},
            "then": {"properties": {"level": {"const": "none"}}},
        },
    },
}  # fmt: skip


def mixed(**more: Any) -> Run:
    """Give a run in which everything occurs, with a hostile reply."""
    run = told(
        {"a": "fail", "b": "warn", "c": "untestable", "d": "pass", "k": "fail", "n": "not_reached"},
        body=EVIL,
        **more,
    )
    return apply(run, [Entry("k", EVIL, "https://bugs.test/1")], TODAY)


def test_sarif_has_every_thing_to_look_at_and_suppresses_what_is_known() -> None:
    log = json.loads(render(mixed(), "sarif"))
    jsonschema_rs.Draft202012Validator(SARIF, validate_formats=True).validate(log)

    (run,) = log["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    assert set(results) == {"a", "b", "c", "k"}
    assert [r for r, result in results.items() if "suppressions" in result] == ["k"]
    assert (results["c"]["kind"], results["a"]["level"]) == ("open", "error")
    assert results["a"]["webResponse"]["statusCode"] == 418
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == name for name, result in results.items())


def test_markdown_holds_nothing_that_a_reply_wrote_as_markup() -> None:
    text = render(mixed(), "markdown")

    assert "<script>" not in text
    assert "[a](" not in text
    assert "\n::error" not in text
    assert re.search(r"^\| GET /videos/\{video\\_id\} \| 1 \| 1 \| 1 \| 1 \|", text, re.MULTILINE)
    assert "### 1 fail" in text


def test_annotations_are_one_command_a_line() -> None:
    lines = render(mixed(), "github").splitlines()

    assert all(re.match(r"::(error|warning|notice) title=[^:,]*::", line) for line in lines)
    kinds = [line.split(" ")[0] for line in lines]
    assert kinds == ["::error", "::error", "::warning", "::notice", "::notice"]
    assert "%0A" in lines[0]


@pytest.mark.parametrize(
    ("run", "colour", "message"),
    [
        (told({"a": "pass"}), "brightgreen", "conforms (1 checks, smoke)"),
        (told({"a": "pass"}, complete=False), "lightgrey", "not judged to the end"),
        (told({"a": "fail", "b": "pass"}), "red", "1 broken"),
        (told({"a": "fail", "b": "untestable"}), "red", "1 broken"),
        (told({"a": "untestable", "b": "pass"}), "red", "1 untestable"),
        (told({"a": "disabled"}), "lightgrey", "not measured"),
        (told({}, finding=Finding("x", "Nothing", "?")), "lightgrey", "not measured"),
        (apply(told({"a": "pass"}), [Entry("a", "r")], TODAY), "orange", "baseline out of date"),
    ],
)
def test_a_badge_is_green_only_for_a_whole_run(run: Run, colour: str, message: str) -> None:
    value = json.loads(render(run, "badge"))

    assert (value["color"], value["message"]) == (colour, message)
    assert value["isError"] == (colour != "brightgreen")


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind not in {"jsonl", "junit"}])
def test_a_stream_cut_short_is_never_told_as_a_pass(kind: str) -> None:
    text = render_all([told({"a": "pass"}, complete=False)], kind).lower()

    assert re.search("truncated|not judged to the end|did not come to its end", text)


def test_junit_tells_a_cut_and_a_stale_entry_as_failures() -> None:
    cut = render(told({"a": "pass"}, complete=False), "junit")
    stale = render(apply(told({"a": "pass"}), [Entry("a", "r")], TODAY), "junit")

    assert 'name="truncated"' in cut
    assert 'name="stale: a"' in stale


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_of_every_sort_of_run(kind: str) -> None:
    finding = Finding("no-answer", "Nothing answers.", "Start it.")

    for run in (mixed(), mixed(complete=False), told({"a": "not_reached"}, finding=finding)):
        assert render(run, kind).endswith("\n")


def test_runs_that_cannot_share_a_file_are_refused() -> None:
    with pytest.raises(UsageError, match="a report of kind sarif shows one run"):
        render_all([mixed(), mixed()], "sarif")
    with pytest.raises(UsageError, match=r"no such kind of report: pdf .*matrix"):
        render_all([mixed()], "pdf")


def test_a_matrix_has_the_worst_first_and_says_what_was_not_asked() -> None:
    good = told({"a": "pass", "b": "pass", "e": "pass"}, url="https://good.test/v1")
    bad = told({"b": "fail", "a": "warn"}, url="https://bad.test/v1", body=EVIL)
    page = render_all([good, bad], "matrix")

    ids = re.findall(r'<tr id="(\w+)"', page)
    assert ids == ["b", "a", "e"]
    assert page.count("not asked") == 1
    assert 'href="#gateway-2-b"' in page
    assert 'id="gateway-2-b"' in page
    assert "<script>alert" not in page


def test_a_difference_tells_better_and_worse() -> None:
    before = told({"a": "fail", "b": "pass", "c": "pass", "d": "pass", "e": "disabled"})
    after = told({"a": "pass", "b": "warn", "c": "disabled", "d": "unsupported", "e": "fail"})
    found = compare(before, after)

    assert [change.requirement for change in found.worse] == ["b", "d", "e"]
    assert [change.requirement for change in found.better] == ["a"]
    assert [change.requirement for change in found.other] == ["c"]
    assert found.exit_code == 1
    assert "b: pass → warn" in render_diff(found, "text")
    assert "### 3 worse" in render_diff(found, "markdown")
    assert json.loads(render_diff(found, "json"))["exit_code"] == 1


def test_a_reason_of_several_lines_is_one_in_a_difference() -> None:
    after = told({"a": "fail"})
    [failed] = after.outcomes
    after = replace(after, outcomes=(replace(failed, reason="one\ntwo"),))

    assert "a: pass → fail; one two" in render_diff(compare(told({"a": "pass"}), after), "text")


@pytest.mark.parametrize(
    ("mode", "budget", "says"),
    [
        ("free", 0, "conforms as far as free calls show"),
        ("standard", 0, "conforms as far as free calls show"),
        ("har", 0, "conforms in what was seen"),
        ("smoke", 3, "conforms"),
    ],
)
def test_a_verdict_says_how_far_it_goes(mode: str, budget: int, says: str) -> None:
    run = told({"a": "pass"})
    run = replace(run, header=replace(run.header, mode=mode, budget=budget))

    assert run.exit_code == 0
    assert json.loads(render(run, "json"))["answer"] == says
    assert f"(openai, mode {mode}) {says}\n" in render(run, "text")
    assert ("paid call" in render(run, "text")) == (mode != "har")


def test_the_same_run_is_no_difference_and_a_cut_one_vouches_for_nothing() -> None:
    run, cut = told({"a": "pass"}), told({"a": "pass"}, complete=False)

    assert compare(run, run).exit_code == 0
    assert compare(run, cut).exit_code == 1
    assert "did not come to its end" in render_diff(compare(run, cut), "text")
    other = Run.of(read_lines(run.lines().replace('"openai"', '"kling"').splitlines()))
    with pytest.raises(UsageError, match="the runs speak of openai and of kling"):
        compare(run, other)


def test_a_terminal_tells_once_why_many_could_not_be_tested() -> None:
    text = render(
        told({"u": "untestable", "f": "fail", "v": "untestable", "w": "untestable"}), "text"
    )
    few = render(told({"u": "untestable", "f": "fail", "v": "untestable"}), "text")

    assert "untestable 3: because" in text
    assert "u, v, w" in text
    assert text.index("fail f") < text.index("untestable 3")
    assert "untestable u" not in text
    assert "untestable u" in few
    assert "untestable v" in few
