"""JUnit XML: one suite per operation, one case per requirement."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from vidspec.conformance.report.summary import Row, rows
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import VERDICTS, Outcome

#: What XML 1.0 cannot hold at all.
_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run) -> str:
    """Return the report; a warning is a pass with its text in ``system-out``."""
    root = ET.Element("testsuites", name=f"vidspec {run.header.dialect} {_clean(run.header.url)}")
    for finding in run.findings:
        suite = ET.SubElement(root, "testsuite", name="preflight", tests="1", errors="1")
        case = ET.SubElement(suite, "testcase", classname="preflight", name=finding.code)
        error = ET.SubElement(case, "error", message=_clean(finding.message))
        error.text = _clean(finding.hint)
    if run.footer.state != "complete":
        suite = ET.SubElement(root, "testsuite", name="run", tests="1", errors="1")
        case = ET.SubElement(suite, "testcase", classname="run", name="truncated")
        ET.SubElement(case, "error", message=_clean(run.footer.reason))
    if run.lapsed:
        count = str(len(run.lapsed))
        suite = ET.SubElement(root, "testsuite", name="baseline", tests=count, failures=count)
        for lapsed in run.lapsed:
            case = ET.SubElement(
                suite, "testcase", classname="baseline", name=f"{lapsed.kind}: {lapsed.requirement}"
            )
            ET.SubElement(case, "failure", message=_clean(lapsed.message))
    for row in rows(run):
        _suite(root, run, row)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(root: ET.Element, run: Run, row: Row) -> None:
    name = row.operation or "every operation"
    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(row.outcomes)),
        failures=str(row.count("fail")),
        errors=str(row.count("untestable", "error")),
        skipped=str(row.count("known", "unsupported", "disabled", "not_reached")),
    )
    for outcome in row.outcomes:
        case = ET.SubElement(suite, "testcase", classname=name, name=outcome.requirement)
        _case(case, run, outcome)


def _case(case: ET.Element, run: Run, outcome: Outcome) -> None:
    if outcome.verdict == "pass":
        return
    sentence = run.rules[outcome.requirement].sentence
    evidence = "\n\n".join(
        _evidence(run, number)
        for failure in run.failures_of(outcome.requirement)[:3]
        if (number := failure.exchange) is not None
    )
    body = _clean(f"{sentence}\n{outcome.reason}\n{evidence}".strip())
    if outcome.verdict == "warn":
        ET.SubElement(case, "system-out").text = body
    elif outcome.verdict == "fail":
        ET.SubElement(case, "failure", message=_clean(outcome.reason)).text = body
    elif outcome.verdict in {"untestable", "error"}:
        message = f"{outcome.verdict}: {outcome.reason}"
        ET.SubElement(case, "error", message=_clean(message)).text = body
    else:
        meaning = f"{outcome.verdict}: {outcome.reason or VERDICTS[outcome.verdict]}"
        ET.SubElement(case, "skipped", message=_clean(meaning))


def _evidence(run: Run, number: int) -> str:
    exchange = run.exchanges.get(number)
    if exchange is None:
        return ""
    return f"{exchange.curl}\n-> {exchange.status or exchange.error}\n{exchange.response_body}"


def _clean(text: str) -> str:
    return _UNSPEAKABLE.sub("\N{REPLACEMENT CHARACTER}", text)
