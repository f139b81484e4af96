"""A dialect as an application: its emitted stubs where there are any, else stubs described in memory."""

import copy
import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp

import vidspec_server
from vidspec.contract.model import Dialect
from vidspec.contract.schemas import resolve
from vidspec.mock.access import INVALID_KEY, authenticator
from vidspec.mock.describe import describe
from vidspec.mock.faults import Faults
from vidspec.mock.journal import tolerate
from vidspec.mock.options import MockOptions
from vidspec.mock.service import MockService
from vidspec.source import pointer_get
from vidspec_server._runtime.bare import BareApp, Observe
from vidspec_server._runtime.bounds import InFlight
from vidspec_server._runtime.dialect import DialectInfo


def stub_app(
    dialect: Dialect,
    service: MockService,
    options: MockOptions,
    observe: Observe | None = None,
    in_flight: InFlight | None = None,
) -> ASGIApp:
    """Return the dialect's stubs, answering with ``service``; ``in_flight`` counts what all dialects hold."""
    accepts_any = options.faults.on("wrong_key_accepted")
    hook = authenticator(
        None if accepts_any else options.api_key, invalid=None if accepts_any else INVALID_KEY
    )
    validate = True
    # The emitted stubs are the same data with Python types (a test holds that), which this service does not read:
    # served bare, a request costs a third, and neither FastAPI nor models need be loaded.
    info = describe(dialect)
    if options.faults.on("validation_off"):
        keyword = options.faults.setting("validation_off", "keyword")
        info = replace(info, document=_loosened(dialect, keyword, options.faults))
        validate = keyword is not None
    return BareApp(
        info, service, authenticate=hook, validate=validate, plain=True,
        observe=observe, tolerate=tolerate if options.warn_only else None,
        limits=options.limits, in_flight=in_flight,
    )  # fmt: skip


def emitted_stubs(dialect: Dialect) -> Any:
    """Return the package of stubs that was emitted from this very document, None if there is none."""
    name = vidspec_server.DIALECTS.get(dialect.name)
    if name is None:
        return None
    info: DialectInfo = importlib.import_module(f"vidspec_server.{name}._dialect").DIALECT
    same = info.digest == dialect.digest
    return importlib.import_module(f"vidspec_server.{name}") if same else None


def _loosened(dialect: Dialect, keyword: str | None, faults: Faults) -> dict[str, Any]:
    """Return the document without one keyword (None: nothing is taken) in the schemas of requests."""
    document = copy.deepcopy(dict(dialect.document))
    in_query = faults.setting("validation_off", "in") == "query"
    of = faults.setting("validation_off", "of")
    role = faults.setting("validation_off", "role") or (None if in_query else "create")
    operations = [o for o in dialect.operations if role in {None, o.role}]
    if in_query:
        places = [p for o in operations for p in o.parameters if p.location == "query"]
        pointers = [f"{place.pointer}/schema" for place in places]
    else:
        pointers = [body.schema_pointer for o in operations for body in o.bodies]
    if of is not None:
        for field in (f for o in operations for body in o.bodies for f in body.fields):
            schema = pointer_get(document, resolve(document, field.pointer)[1])
            if schema.get("type") in of:
                schema.pop(keyword or "", None)
        return document
    seen: set[int] = set()
    for pointer in pointers:
        for schema in _schemas(document, pointer_get(document, pointer), seen):
            schema.pop(keyword or "", None)
            if keyword == "enum":
                schema.pop("const", None)
    return document


def _schemas(document: Any, schema: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Yield the schema and every schema inside it, through references, each once."""
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    if isinstance(reference := schema.get("$ref"), str):
        yield from _schemas(document, pointer_get(document, reference.removeprefix("#")), seen)
    yield schema
    for combiner in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(combiner, ()):
            yield from _schemas(document, branch, seen)
    for inner in (*schema.get("properties", {}).values(), schema.get("items")):
        yield from _schemas(document, inner, seen)
