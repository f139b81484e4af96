"""Free questions that need no job: credentials, unknown ids, unknown paths and methods."""

from typing import Final

from vidspec.conformance.reply import Reply
from vidspec.conformance.requests import Draft, draft, json_prompt
from vidspec.conformance.routes import Routes
from vidspec.conformance.samples import unknown_id
from vidspec.conformance.scenarios.registry import scenario
from vidspec.conformance.scenarios.sources import about, expected, is_lost, offered, offering
from vidspec.conformance.session import Session
from vidspec.conformance.stops import BudgetSpent, NoReply, Unsupported
from vidspec.conformance.wire import WRONG_KEY, Login

#: Role → the requirement that says it needs credentials.
_GUARDED: Final = {
    "retrieve": "auth-retrieve-refused",
    "list": "auth-list-refused",
    "create": "auth-create-refused",
    "content": "auth-content-refused",
    "delete": "auth-delete-refused",
    "remix": "auth-remix-refused",
    "edit": "auth-edit-refused",
    "extend": "auth-extend-refused",
    "character_create": "auth-character-create-refused",
    "character": "auth-character-refused",
}
#: Roles without which there is no gateway to judge.
_EVERYWHERE: Final = frozenset({"retrieve", "list", "create", "content"})


@scenario(
    "credentials",
    """auth-retrieve-refused auth-list-refused auth-create-refused auth-content-refused
    auth-delete-refused auth-remix-refused auth-edit-refused auth-extend-refused
    auth-character-create-refused auth-character-refused auth-wrong-key-refused
    auth-key-not-repeated errors-unauthenticated-status""",
    free=True,
)
def credentials(session: Session) -> None:
    """Ask without credentials and with a wrong key; unknown ids and empty bodies keep it free."""
    for role, requirement in _GUARDED.items():
        if session.dialect.by_role(role, session.surface.name) is not None:
            try:
                expected(session, role)
            except Unsupported as stop:
                session.cannot(requirement, f"{stop}", stop.verdict)
                continue
            except BudgetSpent as stop:
                off = session.options.cap == 0
                session.cannot(requirement, f"{stop}", "disabled" if off else "not_reached")
                continue
            _must_refuse(session, role, requirement, "none")
    _must_refuse(session, "retrieve", "auth-wrong-key-refused", "wrong")


def _must_refuse(session: Session, role: str, requirement: str, login: Login) -> None:
    operation = session.operation(role)
    body: dict[str, str] | None = {} if operation.bodies else None
    made = draft(operation, job_id=unknown_id(session.dialect, session.surface), body=body)
    try:
        reply = session.send(made, login=login, status_judged=True)
    except BudgetSpent as stop:
        session.cannot(
            requirement, f"{stop}", "disabled" if session.options.cap == 0 else "not_reached"
        )
        return
    except NoReply as stop:
        # One operation that hangs says nothing about the others.
        session.cannot(requirement, f"{stop}", stop.verdict)
        return
    if role not in _EVERYWHERE and is_lost(session, reply):
        # That it is not there is said elsewhere; without it nothing is left open to strangers.
        session.cannot(
            requirement, f"the gateway has no {operation.method} {operation.path}", "unsupported"
        )
        return
    refused = reply.status in {401, 403}
    documented = session.expected_status("unauthenticated", role)
    if session.judge(requirement, refused, f"{documented}", reply.said(), reply):
        session.judge(
            "errors-unauthenticated-status",
            reply.status == documented,
            f"{documented}",
            reply.said(),
            reply,
        )
    if login == "wrong":
        hidden = WRONG_KEY.encode() not in reply.content
        session.judge("auth-key-not-repeated", hidden, "no key", reply.said(), reply)


@scenario(
    "unknown ids",
    """errors-unknown-id-refused errors-not-found-status errors-long-id errors-foreign-id content-unknown-status
    delete-unknown-refused remix-unknown-status""",
    free=True,
    beside=True,
)
def unknown_ids(session: Session) -> None:
    """Ask for an id that was never given, in every operation that takes one."""
    stranger = unknown_id(session.dialect, session.surface)
    reply = session.call("retrieve", stranger, status_judged=True)
    if reply.status < 500:
        session.judge("errors-unknown-id-refused", reply.refused, "a refusal", reply.said(), reply)
    if reply.refused:
        _not_found(session, "errors-not-found-status", reply)
    _strange_ids(session, reply)
    for role, requirement in (
        ("content", "content-unknown-status"),
        ("delete", "delete-unknown-refused"),
    ):
        if session.dialect.by_role(role, session.surface.name) is not None:
            try:
                reply = session.call(role, stranger, status_judged=True)
            except NoReply as stop:
                session.cannot(requirement, f"{stop}", stop.verdict)
                continue
            _not_found(session, requirement, reply)
    if session.dialect.by_role("remix", session.surface.name) is not None:
        remix = expected(session, "remix")
        if "remix-unknown-status" not in session.settled:
            made = draft(remix, job_id=stranger, body=json_prompt(remix))
            _not_found(session, "remix-unknown-status", session.send(made, status_judged=True))


def _strange_ids(session: Session, plain: Reply) -> None:
    """Ask for ids that no job could have; ``plain`` is what an unknown id of the usual form got."""
    if not plain.refused:
        for requirement in ("errors-long-id", "errors-foreign-id"):
            session.cannot(requirement, "an unknown id of the usual form is not refused either")
        return
    usual = {400, 414, 422, plain.status}
    for requirement, strange in (("errors-long-id", "0" * 600), ("errors-foreign-id", "no such é")):
        reply = session.call("retrieve", strange, observed=False)
        fits = reply.refused and reply.status in usual
        if fits or reply.status >= 500:
            session.observer.see(reply, status_judged=True)
        if reply.status < 500:
            expected = " or ".join(sorted(f"{status}" for status in usual))
            session.judge(requirement, fits, expected, reply.said(), reply)


def _not_found(session: Session, requirement: str, reply: Reply) -> None:
    role = reply.operation.role if reply.operation else None
    documented = session.expected_status("not_found", role)
    if reply.status < 500:
        fits = reply.status == documented and not reply.found
        session.judge(requirement, fits, f"{documented}", reply.said(), reply)


@scenario("unknown sources", "edit-unknown-status extend-unknown-status", free=True, beside=True)
def unknown_sources(session: Session) -> None:
    """Edit and extend an id that was never given."""
    for role in offered(session):
        if f"{role}-unknown-status" in session.settled:
            continue
        operation = session.operation(role)
        body = about(operation, unknown_id(session.dialect, session.surface))
        reply = session.send(draft(operation, body=body), status_judged=True)
        documented = session.expected_status("not_found", role)
        if reply.status < 500:
            fits = reply.status == documented and not reply.found
            requirement = f"{role}-unknown-status"
            session.judge(requirement, fits, f"{documented}", reply.said(), reply)


@scenario("unknown character", "character-unknown-status", free=True, beside=True)
def unknown_character(session: Session) -> None:
    """Ask for a character that was never made."""
    operation = offering(session, "character")
    stranger = unknown_id(session.dialect, session.surface)
    reply = session.send(draft(operation, job_id=stranger), status_judged=True)
    documented = session.expected_status("not_found", "character")
    if reply.status < 500:
        fits = reply.status == documented
        session.judge("character-unknown-status", fits, f"{documented}", reply.said(), reply)


@scenario(
    "paths and methods",
    "transport-unknown-path transport-method-not-allowed transport-allow-header",
    free=True,
    beside=True,
)
def paths_and_methods(session: Session) -> None:
    """Ask for a path and a method that no document knows."""
    stray = Draft(None, "GET", "/vidspec-no-such-path/0")
    reply = session.send(stray, status_judged=True)
    refused = 400 <= reply.status < 500
    if reply.status < 500:
        session.judge("transport-unknown-path", refused, "a 4xx status", reply.said(), reply)
    create = session.dialect.by_role("create", session.surface.name)
    if create is None:
        return
    methods = Routes(session.dialect).methods(create.path)
    # A method that changes nothing anywhere: the gate need not count it as a possible create.
    reply = session.send(Draft(None, "DELETE", create.path), status_judged=True)
    documented = {405, session.expected_status("method_not_allowed", "create") or 405}
    fits = reply.status in documented
    expected = " or ".join(map(str, sorted(documented)))
    session.judge("transport-method-not-allowed", fits, expected, reply.said(), reply)
    if reply.status == 405:
        listed = {m.strip().upper() for m in reply.headers.get("allow", "").split(",") if m.strip()}
        expected = ", ".join(sorted(methods))
        received = ", ".join(sorted(listed)) or "no Allow header"
        session.judge("transport-allow-header", methods <= listed, expected, received, reply)
