"""SARIF 2.1.0, for code scanning and for the editors and dashboards that read it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vidspec.conformance.events import Judged, Rule
from vidspec.conformance.exchange import Exchange
from vidspec.conformance.report.summary import BAD
from vidspec.conformance.run import Run
from vidspec.conformance.verdicts import Outcome

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}


def sarif(run: Run) -> str:
    """Return the log: every requirement is a rule, everything to look at a result, known failures suppressed."""
    header = run.header
    index = {rule.id: number for number, rule in enumerate(header.rules)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "vidspec",
                        "version": header.versions.get("vidspec", "unknown"),
                        "rules": [_rule(rule) for rule in header.rules],
                    }
                },
                "automationDetails": {"id": f"vidspec/{header.dialect}/{header.mode}/"},
                "invocations": [_invocation(run)],
                "results": [
                    _result(run, outcome, index[outcome.requirement])
                    for verdict in BAD
                    for outcome in run.outcomes
                    if outcome.verdict == verdict and not run.findings
                ],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> Mapping[str, Any]:
    said: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.sentence},
        "help": {"text": f"{rule.test} Source: {rule.source}"},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
    }
    if rule.source.startswith("https://"):
        said["helpUri"] = rule.source
    return said


def _invocation(run: Run) -> Mapping[str, Any]:
    begun = run.header.started
    notes = [(finding.code, f"{finding.message} {finding.hint}") for finding in run.findings]
    if run.footer.state != "complete":
        notes.append(("truncated", f"The run did not come to its end: {run.footer.reason}"))
    notes += [(f"baseline-{e.kind}", f"{e.requirement}: {e.message}") for e in run.lapsed]
    return {
        "executionSuccessful": not run.findings and run.footer.state == "complete",
        "exitCode": run.exit_code,
        "startTimeUtc": _time(begun),
        "endTimeUtc": _time(begun + run.footer.seconds),
        "toolExecutionNotifications": [
            {"descriptor": {"id": code}, "level": "error", "message": {"text": text}}
            for code, text in notes
        ],
    }


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _result(run: Run, outcome: Outcome, index: int) -> Mapping[str, Any]:
    rule = run.header.rules[index]
    failures = run.failures_of(rule.id)
    exchange = run.exchanges.get(failures[0].exchange or 0) if failures else None
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index,
        # What could not be judged is open, and a result that does not fail has no level.
        "kind": "open" if outcome.verdict in {"untestable", "error"} else "fail",
        "level": "none" if outcome.verdict in {"untestable", "error"} else _LEVELS[rule.level],
        "message": {"text": _text(rule, outcome, failures)},
        "locations": [_location(run, rule, exchange)],
        "partialFingerprints": {"vidspecRequirement/v1": f"{run.header.url} {rule.id}"},
    }
    if outcome.verdict == "known":
        result["suppressions"] = [{"kind": "external", "justification": outcome.reason}]
    if exchange is not None:
        result |= _evidence(exchange)
    return result


def _text(rule: Rule, outcome: Outcome, failures: tuple[Judged, ...]) -> str:
    seen = [f"Expected {f.expected}; received {f.received}." for f in failures[:3]]
    return " ".join([rule.sentence, *(seen or [f"{outcome.verdict}: {outcome.reason}"])])


def _location(run: Run, rule: Rule, exchange: Exchange | None) -> Mapping[str, Any]:
    operation = rule.operation or "every operation"
    path = run.header.operations.get(operation, operation)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": exchange.url if exchange else run.header.url}
        },
        "logicalLocations": [
            {"name": operation, "fullyQualifiedName": path, "kind": "function"},
        ],
    }


def _evidence(exchange: Exchange) -> Mapping[str, Any]:
    response: dict[str, Any] = {"noResponseReceived": True}
    if exchange.status is not None:
        response = {
            "statusCode": exchange.status,
            "headers": dict(exchange.response_headers),
            "body": {"text": exchange.response_body},
        }
    return {
        "webRequest": {
            "method": exchange.method,
            "target": exchange.url,
            "headers": dict(exchange.request_headers),
            "body": {"text": exchange.request_body},
        },
        "webResponse": response,
    }
