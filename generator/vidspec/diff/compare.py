"""One side against the other: documents paired by name, each pair compared."""

from collections.abc import Collection

from vidspec.diff.finding import Collector, Diff, Finding
from vidspec.diff.gateways import compare_gateways, compare_overlays
from vidspec.diff.node import File, Node
from vidspec.diff.opening import KEYS, Side
from vidspec.diff.operations import Documents
from vidspec.diff.rules import compare_lifecycle, compare_requirements
from vidspec.diff.security import compare_schemes, compare_servers
from vidspec.diff.video import compare_dialect
from vidspec.diff.words import shown
from vidspec.errors import UsageError


def compare(old: Side, new: Side, *, off: Collection[str] = ()) -> Diff:
    """Return what has changed; kinds in ``off`` are not looked for. Raises UsageError for what cannot be compared."""
    pairs: list[tuple[str, File | None, File | None]]
    if old.single != new.single:
        message = "a file cannot be compared with a folder"
        raise UsageError(message, hint="Name two files, or two folders.")
    if old.single:
        pairs = [("", old.documents[""], new.documents[""])]
    else:
        names = sorted(old.documents.keys() | new.documents.keys())
        pairs = [(name, old.documents.get(name), new.documents.get(name)) for name in names]
    findings: list[Finding] = []
    for name, one, other in pairs:
        collector = Collector(name, off)
        try:
            _compare_files(collector, name, one, other)
            findings += collector.findings()
        except RecursionError:
            message = f"{name or new.label} is nested too deep"
            raise UsageError(message) from None
    findings.sort(
        key=lambda f: (f.kind.client.rank, f.kind.server.rank, f.document, f.code, f.where)
    )
    return Diff(old.label, new.label, tuple(findings))


def _compare_files(collector: Collector, name: str, old: File | None, new: File | None) -> None:
    kinds = {_kind(file) for file in (old, new) if file}
    if kinds == {"requirements"}:
        compare_requirements(collector, old.root if old else None, new.root if new else None)
    elif kinds == {"gateway"}:
        compare_gateways(collector, old.root if old else None, new.root if new else None)
    elif old is None or new is None:
        code = "document-removed" if old else "document-added"
        one = old or new
        if one is not None and _kind(one) == "openapi":
            message = f"{shown(name)} is {'gone' if old else 'new'}"
            collector.report(
                code, name, message, old.root if old else None, new.root if new else None
            )
    elif kinds == {"lifecycle"}:
        compare_lifecycle(collector, old.root, new.root)
    elif kinds == {"overlay"}:
        compare_overlays(collector, old.root, new.root)
    elif kinds == {"openapi"}:
        _compare_documents(collector, old.root, new.root)
    else:
        message = f"{old.text.name} and {new.text.name} are not of one kind"
        raise UsageError(message)


def _kind(file: File) -> str:
    said = file.root.map
    if "openapi" in said:
        version = str(said["openapi"])
        if version.startswith("3."):
            return "openapi"
        message = f"{file.text.name} says openapi: {shown(version)}; versions 3.0 and 3.1 are read"
        raise UsageError(message)
    for kind, (key, *_) in KEYS.items():
        if key in said:
            return kind
    what = "is a Swagger 2.0 document" if "swagger" in said else "is no OpenAPI document"
    message = f"{file.text.name} {what}; OpenAPI 3.0 and 3.1 are read"
    raise UsageError(message)


def _compare_documents(collector: Collector, old: Node, new: Node) -> None:
    was, now = str(old.map["openapi"])[:3], str(new.map["openapi"])[:3]
    if was != now:
        nodes = old.get("openapi"), new.get("openapi")
        collector.report("openapi-version-changed", "document", f"it was {was}, is {now}", *nodes)
    one, other = old.map.get("jsonSchemaDialect"), new.map.get("jsonSchemaDialect")
    if one != other:
        message = f"it was {shown(one)}, is {shown(other)}"
        collector.report("schema-dialect-changed", "document", message, old, new)
    documents = Documents(old, new, collector)
    documents.compare()
    documents.compare("webhooks")
    compare_schemes(collector, old, new)
    compare_servers(collector, old, new)
    compare_dialect(collector, old, new)
