"""Operations against operations: parameters, bodies, replies, links, callbacks; and what they do to a job."""

from vidspec.diff.finding import Collector
from vidspec.diff.node import Node
from vidspec.diff.parameters import compare_parameters
from vidspec.diff.paths import Endpoint, match
from vidspec.diff.payloads import compare_body, compare_replies
from vidspec.diff.promises import compare_promises, removal
from vidspec.diff.schemas import Comparer
from vidspec.diff.security import compare_security
from vidspec.diff.video import compare_operation_extension
from vidspec.diff.words import shown


class Documents:
    """Two documents under comparison."""

    def __init__(self, old: Node, new: Node, collector: Collector) -> None:
        self.old, self.new, self.collector = old, new, collector
        self.schemas = Comparer(collector)

    def compare(self, section: str = "paths") -> None:
        """Compare all operations of ``paths`` or ``webhooks``; in a webhook the server calls the client."""
        hook = section == "webhooks"
        found = match(self.old, self.new, section)
        for endpoint in found.removed:
            code, message = ("webhook-removed", "it is gone") if hook else removal(endpoint)
            self._report(code, endpoint, None, message)
        for endpoint in found.added:
            self._report(
                "webhook-added" if hook else "operation-added", None, endpoint, "it is new"
            )
        for old, new in found.moved:
            self._report("operation-moved", old, new, f"it is {new.name} now")
        for old, new in found.both + found.moved:
            self.compare_operation(old, new, hook=hook)

    def _report(self, code: str, old: Endpoint | None, new: Endpoint | None, message: str) -> None:
        one = old or new
        if one is not None:
            self.collector.report(
                code,
                one.name,
                message,
                old.node if old else None,
                new.node if new else None,
                operation=one.name,
            )

    def compare_operation(self, old: Endpoint, new: Endpoint, *, hook: bool = False) -> None:
        """Compare one operation with another, whatever their paths."""
        self._names(old, new)
        compare_promises(self.collector, old, new)
        compare_parameters(self.schemas, self.collector, old, new)
        compare_body(self.schemas, self.collector, old, new, hook=hook)
        compare_replies(self.schemas, self.collector, old, new, hook=hook)
        compare_security(self.collector, self.old, self.new, old, new)
        compare_operation_extension(self.collector, old, new)
        self._callbacks(old, new)

    def _names(self, old: Endpoint, new: Endpoint) -> None:
        if old.id != new.id:
            code = "operation-id-changed"
            if old.id is None or new.id is None:
                code = "operation-id-added" if old.id is None else "operation-id-removed"
            self._report(code, old, new, f"its id was {shown(old.id)}, is {shown(new.id)}")
        was, now = (e.node.map.get("deprecated") is True for e in (old, new))
        if was != now:
            code = "operation-deprecated" if now else "operation-no-longer-deprecated"
            self._report(code, old, new, f"it is {'' if now else 'no longer '}deprecated")
        if old.shape == new.shape:
            for before, after in zip(old.templates, new.templates, strict=True):
                if before != after:
                    message = f"{shown(before)} is called {shown(after)} now"
                    self._report("path-parameter-renamed", old, new, message)

    def _callbacks(self, old: Endpoint, new: Endpoint) -> None:
        first, second = dict(old.node.members("callbacks")), dict(new.node.members("callbacks"))
        for name, node in first.items():
            if name not in second:
                self.collector.report(
                    "callback-removed",
                    old.name,
                    f"the callback {shown(name)} is gone",
                    node,
                    None,
                    operation=old.name,
                )
        for name, node in second.items():
            if name not in first:
                self.collector.report(
                    "callback-added",
                    old.name,
                    f"the callback {shown(name)} is new",
                    None,
                    node,
                    operation=old.name,
                )
        for name, node in first.items():
            if name in second:
                _Callback(node.follow(), second[name].follow(), self).compare(name, old.name)


class _Callback:
    """One callback on either side: path items by expression, in which the server calls the client."""

    def __init__(self, old: Node, new: Node, documents: Documents) -> None:
        self.old, self.new, self.documents = old, new, documents

    def compare(self, name: str, owner: str) -> None:
        """Compare its operations' bodies and replies."""
        collector, schemas = self.documents.collector, self.documents.schemas
        found = match(self.old, self.new, "")
        for code, left in (("callback-removed", found.removed), ("callback-added", found.added)):
            for endpoint in left:
                gone = code == "callback-removed"
                places = (endpoint.node, None) if gone else (None, endpoint.node)
                message = f"the callback {shown(name)} {'no longer calls' if gone else 'calls'} {endpoint.name}"
                collector.report(code, owner, message, *places, operation=owner)
        for old, new in found.both + found.moved:
            compare_body(schemas, collector, old, new, hook=True)
            compare_replies(schemas, collector, old, new, hook=True)
