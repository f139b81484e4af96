"""Request bodies and replies, by media type."""

import re

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.paths import Endpoint
from vidspec.diff.schemas import Comparer
from vidspec.diff.view import same
from vidspec.diff.visit import Direction
from vidspec.diff.words import shown

_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
_SUCCESS = re.compile(r"[123]..\Z")


class _Payload:
    """What one operation sends or answers; knows how to speak of it."""

    def __init__(
        self, schemas: Comparer, collector: Collector, at: Endpoint, direction: Direction, what: str
    ) -> None:
        self.schemas, self.collector, self.at = schemas, collector, at
        self.direction, self.what = direction, what

    @property
    def where(self) -> str:
        return f"{self.at.name} {self.what}"

    def say(self, code: str, message: str, old: Node | None, new: Node | None) -> None:
        self.collector.report(code, self.where, message, old, new, operation=self.at.name)

    def contents(self, old: Node, new: Node) -> None:
        """Compare the media types of two bodies that both have some."""
        first, second = _by_type(old), _by_type(new)
        for name, node in first.items():
            if name in second:
                self._content(name, node, second[name])
            else:
                self.say(
                    f"{self.direction}-media-type-removed", f"{shown(name)} is gone", node, None
                )
        for name, node in second.items():
            if name not in first:
                self.say(f"{self.direction}-media-type-added", f"{shown(name)} is new", None, node)

    def _content(self, name: str, old: Node, new: Node) -> None:
        one, other = old.get("schema"), new.get("schema")
        if one and other:
            self.schemas.compare(
                one,
                other,
                self.direction,
                f"{self.where} ({name})",
                self.at.name,
                textual=name in _FORMS,
            )
        elif one or other:
            code = f"{self.direction}-schema-{'removed' if one else 'added'}"
            self.say(
                code, f"{name} has {'no schema any more' if one else 'a schema now'}", one, other
            )
        first, second = old.get("encoding"), new.get("encoding")
        if not same(first.value if first else None, second.value if second else None):
            message = f"the parts of {name} are encoded otherwise"
            self.say(f"{self.direction}-encoding-changed", message, first, second)


def compare_body(
    schemas: Comparer, collector: Collector, old: Endpoint, new: Endpoint, *, hook: bool
) -> None:
    """Compare what is sent; in a webhook the client receives it."""
    payload = _Payload(schemas, collector, old, "reply" if hook else "request", "body")
    one, other = old.node.at("requestBody"), new.node.at("requestBody")
    if one and other:
        was, now = (n.map.get("required") is True for n in (one, other))
        if was != now:
            code = f"request-body-became-{'required' if now else 'optional'}"
            payload.say(code, f"the body is {'required' if now else 'optional'} now", one, other)
        payload.contents(one, other)
    elif one:
        payload.say("request-body-removed", "no body is taken any more", one, None)
    elif other:
        required = other.map.get("required") is True
        code = "required-request-body-added" if required else "request-body-added"
        payload.say(code, f"a body is {'required' if required else 'taken'} now", None, other)


def compare_replies(
    schemas: Comparer, collector: Collector, old: Endpoint, new: Endpoint, *, hook: bool
) -> None:
    """Compare replies by status; in a webhook the client sends them."""
    first, second = dict(old.node.members("responses")), dict(new.node.members("responses"))
    for status in [*first, *(s for s in second if s not in first)]:
        if status.startswith("x-"):
            continue
        payload = _Payload(
            schemas, collector, old, "request" if hook else "reply", f"reply {status}"
        )
        one, other = first.get(status), second.get(status)
        if one and other:
            _compare_reply(payload, one.follow(), other.follow())
            continue
        group = "success-status" if _SUCCESS.match(status) else "error-status"
        code = f"reply-{'default-status' if status == 'default' else group}-{'removed' if one else 'added'}"
        payload.say(code, f"{shown(status)} is {'gone' if one else 'new'}", one, other)


def _compare_reply(payload: _Payload, old: Node, new: Node) -> None:
    one, other = _by_type(old), _by_type(new)
    if one and other:
        payload.contents(old, new)
    elif one or other:
        code = "reply-body-removed" if one else "reply-body-added"
        payload.say(code, f"it has {'no body any more' if one else 'a body now'}", old, new)
    _compare_headers(payload, old, new)
    _compare_links(payload, old, new)


def _by_type(node: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, content in node.members("content"):
        found.setdefault(name.split(";")[0].strip().lower(), content)
    return found


def _compare_headers(payload: _Payload, old: Node, new: Node) -> None:
    first = {name.lower(): node.follow() for name, node in old.members("headers")}
    second = {name.lower(): node.follow() for name, node in new.members("headers")}
    for name in [*first, *(n for n in second if n not in first)]:
        one, other = first.get(name), second.get(name)
        was, now = (n is not None and n.map.get("required") is True for n in (one, other))
        if one and other:
            if was != now:
                code = f"reply-header-became-{'required' if now else 'optional'}"
                payload.say(
                    code, f"{shown(name)} is {'required' if now else 'optional'} now", one, other
                )
            before, after = one.get("schema"), other.get("schema")
            if before and after:
                where = f"{payload.where} header {shown(name)}"
                payload.schemas.compare(
                    before, after, payload.direction, where, payload.at.name, textual=True
                )
        else:
            required = "required-" if was or now else ""
            code = f"{required}reply-header-{'removed' if one else 'added'}"
            payload.say(code, f"the header {shown(name)} is {'gone' if one else 'new'}", one, other)


def _compare_links(payload: _Payload, old: Node, new: Node) -> None:
    first = {name: node.follow() for name, node in old.members("links")}
    second = {name: node.follow() for name, node in new.members("links")}
    for name in [*first, *(n for n in second if n not in first)]:
        one, other = first.get(name), second.get(name)
        if one and other:
            plain = [{k: v for k, v in n.map.items() if k != "description"} for n in (one, other)]
            if not same(*plain):
                payload.say("link-changed", f"the link {shown(name)} leads elsewhere", one, other)
        else:
            code = "link-removed" if one else "link-added"
            payload.say(code, f"the link {shown(name)} is {'gone' if one else 'new'}", one, other)
