"""Spans for OpenTelemetry, by its semantic conventions for HTTP clients and for generative AI.

Needs ``opentelemetry-api``. No key, prompt, job id or address of a result is in a span.
"""

import time
from collections.abc import Mapping

from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
from opentelemetry.util.types import AttributeValue

from .options import Attempt, Hooks


def tracing(provider: TracerProvider | None = None) -> Hooks:
    """Return hooks that make a span of every sending of a request, retries and polls included.

    The spans belong to the span that is current when they end. A body that breaks off adds one that says so.
    ``provider`` is the global one if None. For hooks of your own beside these: ``dataclasses.replace(tracing(), on_retry=…)``.
    """
    tracer = get_tracer("vidspec_client", tracer_provider=provider)

    def end(attempt: Attempt, said: Mapping[str, AttributeValue], seconds: float) -> None:
        ended = time.time_ns()
        span = tracer.start_span(
            f"{attempt.method} {attempt.route or '{result}'}",
            kind=SpanKind.CLIENT,
            attributes={**_attributes(attempt), **said},
            start_time=ended - int(seconds * 1e9),
        )
        if "error.type" in said:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)

    def on_response(
        attempt: Attempt, status: int, _headers: Mapping[str, str], seconds: float
    ) -> None:
        failed = {"error.type": str(status)} if status >= 400 else {}
        end(attempt, {"http.response.status_code": status, **failed}, seconds)

    def on_error(attempt: Attempt, error: Exception, seconds: float) -> None:
        end(attempt, {"error.type": type(error).__name__}, seconds)

    return Hooks(on_response=on_response, on_error=on_error)


def _attributes(attempt: Attempt) -> dict[str, AttributeValue]:
    made: dict[str, AttributeValue] = {
        "http.request.method": attempt.method,
        "server.address": attempt.host,
        "server.port": attempt.port,
        "gen_ai.provider.name": attempt.dialect,
        "vidspec.operation.id": attempt.operation_id,
    }
    if attempt.route:
        made["url.template"] = attempt.route
    if attempt.number > 1:
        made["http.request.resend_count"] = attempt.number - 1
    if attempt.model is not None:
        made["gen_ai.request.model"] = attempt.model
    if attempt.paid:
        made |= {"gen_ai.operation.name": "generate_content", "gen_ai.output.type": "video"}
    return made
