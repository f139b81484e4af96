"""Runs told by hand: what a stream says without a gateway behind it."""

from collections.abc import Mapping

from vidspec.conformance import Event, Run
from vidspec.conformance.events import (
    Finding,
    Footer,
    Header,
    JobSeen,
    Judged,
    Rule,
    Sent,
    Unjudged,
)
from vidspec.conformance.exchange import Exchange
from vidspec.conformance.verdicts import Verdict

URL = "https://gateway.test/v1"


def rule(name: str, level: str = "MUST", operation: str | None = None) -> Rule:
    """Return a requirement with a sentence of its own."""
    sentence = f"The gateway {level} do what {name} says."
    return Rule(name, level, sentence, "#/paths", f"Look at {name}.", operation)


def exchange(number: int, body: str = "{}") -> Exchange:
    """Return an exchange that an operation answered with 418."""
    sent = (("content-type", "application/json"),)
    return Exchange(
        number, "retrieveVideo", "GET", f"{URL}/videos/x", sent, "", 418, sent, body, len(body),
        0.012, f"curl -sS -i {URL}/videos/x",
    )  # fmt: skip


def told(
    verdicts: Mapping[str, Verdict],
    *,
    url: str = URL,
    complete: bool = True,
    body: str = "{}",
    finding: Finding | None = None,
) -> Run:
    """Return a run with these verdicts; failures have evidence whose reply is ``body``."""
    rules = tuple(
        rule(name, "SHOULD" if verdict == "warn" else "MUST", "retrieveVideo")
        for name, verdict in verdicts.items()
    )
    header = Header(
        dialect="openai", title="OpenAI videos", digest="0" * 64, url=url, mode="smoke", budget=3,
        versions={"vidspec": "0.1.0"}, started=1_780_000_000.0,
        operations={"retrieveVideo": "GET /videos/{video_id}"}, rules=rules,
    )  # fmt: skip
    events: list[Event] = [header]
    if finding is not None:
        events.append(finding)
    for number, (name, verdict) in enumerate(verdicts.items(), 1):
        if verdict in {"fail", "warn"}:
            events.append(Sent(exchange(number, body)))
            events.append(Judged(name, False, "404", "418", number, "retrieveVideo"))
        elif verdict == "pass":
            events.append(Judged(name, True, "", "", None, "retrieveVideo"))
        else:
            events.append(Unjudged(name, verdict, "because"))
    events += [
        JobSeen("first", "video_1", state, state, progress, at)
        for state, progress, at in (("queued", 0.0, 0.2), ("completed", 100.0, 1.4))
    ]
    if complete:
        events.append(Footer("complete", "", 1.5, len(verdicts), 2, len(verdicts)))
    return Run.of(events)
