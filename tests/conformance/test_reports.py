import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from conformance.gateway import KEY, Gateway, serving
from vidspec.conformance import KINDS, Options, Run, Target, check, render
from vidspec.contract import Contract
from vidspec.errors import UsageError

_EVIL = "</pre><script>alert('x')</script>\x07]]>"


@pytest.fixture(scope="module")
def failed(contract: Contract) -> Run:
    """Give a run with a failure, warnings and a hostile text from the gateway."""

    class Hostile(Gateway):
        def error(self, status: int, message: str, param: str | None = None) -> object:  # type: ignore[override]
            return super().error(418 if "such" in message else status, _EVIL, None)

    with serving(Hostile().app()) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY)
        return check(contract, target, Options(mode="smoke", poll_interval=0.02))


def test_every_kind_is_rendered(failed: Run) -> None:
    assert all(render(failed, kind).endswith("\n") for kind in KINDS)
    with pytest.raises(UsageError, match="no such kind of report: pdf"):
        render(failed, "pdf")


def test_junit_is_well_formed_and_counts(failed: Run) -> None:
    root = ET.fromstring(render(failed, "junit"))
    suites = root.findall("testsuite")

    assert sum(int(s.attrib["tests"]) for s in suites) == len(failed.outcomes)
    failures = {c.attrib["name"] for c in root.iter("testcase") if c.find("failure") is not None}
    assert failures == set(failed.having("fail"))
    assert "errors-not-found-status" in failures


def test_the_page_stands_alone_and_runs_nothing_but_its_own_script(failed: Run) -> None:
    page = render(failed, "html")
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Reader().feed(page)
    names = {tag for tag, _ in tags}
    assert not names & {"link", "img", "iframe", "object", "form"}
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(a["content"] for _, a in tags if a.get("http-equiv"))
    assert policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not [a for _, a in tags for name in a if name == "style" or name.startswith("on")]
    assert all(not (a.get("href") or "#").startswith("http") for _, a in tags)
    ids = [a["id"] for _, a in tags if a.get("id")]
    assert len(ids) == len(set(ids))
    assert {rule.id for rule in failed.header.rules} <= set(ids)
    assert {"errors-not-found-status", "errors-param"} <= set(ids)


def test_a_failure_shows_sentence_expected_received_and_curl(failed: Run) -> None:
    text = render(failed, "text")

    assert "The refusal of an unknown id MUST have the documented status." in text
    assert "expected  404" in text
    assert "received  418" in text
    assert "curl -sS -i http://127.0.0.1" in text


def test_json_names_the_answer_and_the_evidence(failed: Run) -> None:
    data = json.loads(render(failed, "json"))

    assert (data["answer"], data["exit_code"]) == ("does not conform", 1)
    numbers = {exchange["number"] for exchange in data["exchanges"]}
    assert {f["exchange"] for f in data["failures"]} - {None} <= numbers
    assert len(data["requirements"]) == len(failed.outcomes)


def test_a_finding_is_the_whole_report(contract: Contract) -> None:
    run = check(contract, Target("http://127.0.0.1:9", "openai"), Options(mode="smoke"))

    assert "Nothing answers at http://127.0.0.1:9." in render(run, "text")
    assert "Nothing answers" in render(run, "html")
    assert ET.fromstring(render(run, "junit")).find("testsuite/testcase/error") is not None
