"""Running schemathesis in a process of its own, behind the gate, and taking its findings over.

What it generates and how it judges is its affair; which requirement a finding belongs to is ours:
each failing exchange is judged again by the observer, whose word counts.
"""

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from vidspec.conformance.adapter.findings import Case, read_cases
from vidspec.conformance.adapter.lives import Lives
from vidspec.conformance.adapter.settings import Settings
from vidspec.conformance.gate import GATE_HEADER
from vidspec.conformance.requests import JSON
from vidspec.conformance.routes import Routes
from vidspec.conformance.scenarios.sources import is_absent
from vidspec.conformance.session import Session
from vidspec.conformance.stops import Missing
from vidspec.contract import Dialect, Operation
from vidspec.errors import VidspecError
from vidspec.source import pointer_get

#: One seed may end early and miss what the next one finds.
_DEEP_SEEDS: Final = 3
#: Seconds that the child may take. Its own limit of time is no use: it goes on until that is spent.
_SECONDS: Final = {"standard": 300, "deep": 1800}

_UNDOCUMENTED: Final = "ST103"
#: Answers of a path that does not exist.
_NOT_THERE: Final = frozenset({404, 405, 501})
#: Code → the requirement that it breaks, where the observer sees nothing wrong in the exchange.
_CODES: Final = {
    "ST101": "errors-no-server-error",
    "ST102": "errors-no-server-error",
    _UNDOCUMENTED: "schema-status-documented",
    "ST104": "schema-content-type",
    "ST105": "schema-content-type",
    "ST106": "schema-content-type",
    "ST107": "schema-types",
    "ST108": "schema-types",
    "ST109": "schema-types",
    "ST110": "schema-types",
    "ST111": "schema-types",
    "ST201": "schema-generated-requests",
    "ST202": "schema-generated-requests",
    "ST301": "delete-then-retrieve",
    "ST302": "retrieve-found",
    "ST401": "auth-retrieve-refused",
}
#: Codes about one reply by itself, which the observer can judge again.
_BY_REPLY: Final = frozenset(code for code in _CODES if code < "ST200")


def generated_requests(session: Session) -> None:
    """Send generated requests through the gate and judge what comes back; raise Missing without a result."""
    jobs = [job.id for job in session.pool.values() if not job.deleted]
    deep = session.options.mode == "deep"
    lives = Lives(session) if deep else None
    first = session.options.seed
    for seed in range(first, first + (_DEEP_SEEDS if deep else 1)):
        _generate(session, seed, jobs, lives)


def _generate(session: Session, seed: int, jobs: list[str], lives: Lives | None) -> None:
    with tempfile.TemporaryDirectory(prefix="vidspec-") as scratch:
        folder = Path(scratch)
        _prepare(session, folder, jobs, seed)
        output = _run(session, folder)
        report = folder / "cases.ndjson"
        if not report.exists():
            message = f"schemathesis gave no report: {session.wire.redactor.text(output[-500:])}"
            raise VidspecError(message)
        with report.open(encoding="utf-8") as lines:
            count = _judge(session, lines, lives)
    if not count:
        message = f"schemathesis sent nothing: {session.wire.redactor.text(output[-500:])}"
        raise Missing(message)


def _prepare(session: Session, folder: Path, jobs: list[str], seed: int) -> None:
    options = session.options
    settings = Settings(
        session.dialect,
        options.mode,
        seed,
        session.target.timeout,
        jobs,
        "hooks.py",
        options.surface,
    )
    (folder / "schemathesis.toml").write_text(settings.toml(), encoding="utf-8")
    document = (
        cheap_document(session.dialect) if options.mode == "standard" else session.dialect.document
    )
    (folder / "spec.json").write_text(json.dumps(document), encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("hooks.py"), folder / "hooks.py")
    prompts = {
        field.name
        for operation in session.dialect.operations
        for body in operation.bodies
        for field in body.fields
        if field.canonical and field.canonical.name == "prompt"
    }
    hooks = {"prompt_fields": sorted(prompts), "gate_header": GATE_HEADER}
    (folder / "hooks.json").write_text(json.dumps(hooks), encoding="utf-8")


def cheap_document(dialect: Dialect) -> dict[str, Any]:
    """Return the document without the forms of paid operations that take JSON as well.

    In a form everything is text, so that a request made to be refused often comes out valid, and is paid for.
    """
    document = copy.deepcopy(dict(dialect.document))
    for operation in dialect.operations:
        content = pointer_get(document, operation.pointer + "/requestBody/content", None)
        if operation.paid and isinstance(content, dict) and JSON in content:
            for media_type in content.keys() - {JSON}:
                del content[media_type]
    return document


def _run(session: Session, folder: Path) -> str:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
        *("run", "spec.json", "--url", session.wire.base),
        *("--report", "ndjson", "--report-ndjson-path", "cases.ndjson"),
    ]
    if not session.wire.keyring.empty:
        # The gate's placeholder, which is worth nothing elsewhere: the child never holds the secret.
        login = session.wire.keyring.wrap(session.wire.gate.token)
        command += ["--header", f"{session.wire.keyring.header}: {login}"]
    secret = set(session.dialect.environment.values())
    environment = {k: v for k, v in os.environ.items() if k not in secret}
    environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "NO_COLOR": "1"}
    longest: float = _SECONDS[session.options.mode]
    if session.options.max_time is not None:
        longest = max(1.0, min(longest, session.options.max_time - session.seconds))
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own arguments
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=longest,
        )
    except subprocess.TimeoutExpired as late:
        return f"it was stopped after {late.timeout:g} s"
    return f"{done.stdout}\n{done.stderr}"


def _judge(session: Session, lines: Iterable[str], lives: Lives | None) -> int:
    routes, seen = Routes(session.dialect), set[tuple[str, str]]()
    count = 0
    for case in read_cases(lines, session.wire.base):
        count += 1
        said = case.exchange
        operation = routes.find(said.method, said.path, said.query)
        if said.answer.status in _NOT_THERE and is_absent(session, operation):
            # That it is not there is said already, and is no fault.
            continue
        if lives is not None:
            lives.see(operation, said)
        for code, message in case.failures:
            key = (code, operation.id if operation else said.path)
            if key not in seen:
                seen.add(key)
                _take_over(session, operation, case, code, message)
    session.generated += count
    if count:
        # One look for the whole run: it holds unless a finding says otherwise.
        session.judge("schema-generated-requests", True, "", "")
    return count


def _take_over(
    session: Session, operation: Operation | None, case: Case, code: str, message: str
) -> None:
    reply = session.wire.recorded(operation, case.exchange)
    if code == _UNDOCUMENTED and operation is not None and operation.role and reply.accepted:
        # Where a requirement of its own says how a success is answered, it alone is broken.
        own = f"{(operation.role or '').removesuffix('_create')}-accepted"
        if own in session.active:
            session.judge(own, False, "a documented status", reply.said(), reply)
            return
    before = len(session.failed)
    if code in _BY_REPLY:
        session.observer.see(reply)
    if len(session.failed) == before:
        requirement = _CODES.get(code, "schema-generated-requests")
        session.judge(requirement, False, "what the document says", message, reply)
