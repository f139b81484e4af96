"""From an annotated OpenAPI document to a Dialect."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vidspec.contract.model import (
    Credentials,
    Dialect,
    Envelope,
    ErrorShape,
    JobField,
    Poll,
    Result,
    Surface,
    Webhooks,
)
from vidspec.contract.operations import read_causes, read_operations


def read_dialect(document: Mapping[str, Any]) -> Dialect:
    """Read a bundled document whose extensions fit ``spec/meta/`` (see ``load_dialect``)."""
    said = document["x-video-dialect"]
    surfaces = {
        name: _surface(name, s, len(said["surfaces"])) for name, s in said["surfaces"].items()
    }
    default = next((s.name for s in surfaces.values() if s.default), next(iter(surfaces)))
    causes = read_causes(said["errors"]["causes"])
    envelope = _envelope(said.get("envelope"))
    envelopes = {
        name: _envelope(s.get("envelope")) or envelope for name, s in said["surfaces"].items()
    }
    request_id = said.get("request_id", {})
    shape = said["errors"]["shape"]
    return Dialect(
        name=said["name"],
        title=said["title"],
        summary=said["summary"],
        evidence=said["evidence"],
        environment=dict(said["environment"]),
        servers=tuple(server["url"] for server in document.get("servers", ())),
        credentials=tuple(_credentials(document, c) for c in said["credentials"]),
        envelope=envelope,
        request_id_headers=tuple(request_id.get("headers", ())),
        request_id_pointer=request_id.get("pointer"),
        error_shape=ErrorShape(*(shape.get(k) for k in ("code", "message", "type", "param"))),
        causes=causes,
        surfaces=surfaces,
        operations=tuple(read_operations(document, default, envelopes, causes)),
        document=document,
        digest=hashlib.sha256(
            json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest(),
        webhooks=_webhooks(said.get("webhooks")),
    )


def _envelope(said: Mapping[str, Any] | None) -> Envelope | None:
    return Envelope(said["pointer"], said["equals"]) if said else None


def _credentials(document: Mapping[str, Any], said: Mapping[str, Any]) -> Credentials:
    settings = {k: v for k, v in said.items() if k not in {"scheme", "kind"}}
    if said["kind"] == "header":
        # The header's name is the security scheme's business.
        schemes = document.get("components", {}).get("securitySchemes", {})
        settings.setdefault("name", schemes.get(said["scheme"], {}).get("name", "Authorization"))
    return Credentials(scheme=said["scheme"], kind=said["kind"], settings=settings)


def _webhooks(said: Mapping[str, Any] | None) -> Webhooks | None:
    if said is None:
        return None
    return Webhooks(
        signature_header=said["signature_header"],
        signature_format=said["signature_format"],
        signed=said["signed"],
        algorithm=said["algorithm"],
        encoding=said["encoding"],
        timestamp_header=said.get("timestamp_header"),
        id_header=said.get("id_header"),
        key_prefix=said["secret"].get("prefix", ""),
        key_encoding=said["secret"]["encoding"],
        tolerance_seconds=said["tolerance_seconds"],
        type=said.get("type", "/type"),
        job_id=said.get("job_id", "/data/id"),
        events=dict(said["events"]),
        event_id=said.get("event_id"),
        created_at=said.get("created_at"),
    )


def _surface(name: str, said: Mapping[str, Any], count: int) -> Surface:
    poll = said["poll"]
    return Surface(
        name=name,
        title=said["title"],
        default=bool(said.get("default", count == 1)),
        job={field: _job_field(field, place) for field, place in said["job"].items()},
        states=dict(said["states"]),
        results=tuple(Result(r["kind"], r.get("pointer")) for r in said["results"]),
        poll=Poll(poll["interval_seconds"], poll.get("header"), poll.get("unit", "s")),
        retention_seconds=said.get("retention_seconds"),
        refusals={str(code): state for code, state in said.get("refusals", {}).items()},
    )


def _job_field(name: str, said: str | Mapping[str, Any]) -> JobField:
    if isinstance(said, str):
        return JobField(name, said)
    values = {str(k): v for k, v in said.get("values", {}).items()}
    return JobField(name, said["pointer"], said.get("unit"), values)
