"""The content operation: what a job has made, by variant and number, whole or in part."""

import json
from typing import Any

from starlette.responses import Response

from vidspec.contract.model import Operation
from vidspec.mock.artifacts import artifact_keys
from vidspec.mock.desk import JobDesk
from vidspec.mock.ranges import media_response
from vidspec.mock.serving import VIDEO, make_media
from vidspec_server._runtime.calls import Call


class ContentServer:
    """Answers one content operation."""

    def __init__(self, desk: JobDesk, operation: Operation) -> None:
        self._desk, self._operation = desk, operation
        binary = [c.media_type for c in operation.success.contents if c.binary]
        self._default_type = binary[0] if binary else VIDEO
        outside = operation.reply(416)
        examples = [e for c in outside.contents for e in c.examples] if outside else []
        self._keys = artifact_keys(desk.dialect, operation)
        self._outside = json.dumps(examples[0].value).encode() if examples else None

    async def handle(self, call: Call) -> Response:
        """Serve the job's file, whole or in part; refuse while there is none."""
        desk, operation = self._desk, self._operation
        faults = desk.faults
        if call.request.method == "HEAD" and desk.faults.on("head_refused"):
            desk.refuse(operation, "method_not_allowed", "HEAD is not allowed here.")
        job = desk.find(operation, call)
        if desk.has_outlived(job):
            desk.refuse(operation, "gone", f"The video of the job '{job.id}' has expired.")
        needs = operation.needs or ("completed",)
        if desk.state(job) not in needs and not faults.on("content_before_completion"):
            message = f"The video of the job '{job.id}' is not ready."
            desk.refuse(operation, "not_ready", message)
        self._check_index(call, job.params.get("n"))
        self._check_key(call)
        media = await make_media(desk.media, self._media_type(call), job.clip, faults)
        request = call.request
        response = media_response(
            media, request.headers, request.method, ranges=not faults.on("range_ignored")
        )
        if response.status_code == 416 and self._outside is not None:
            response = Response(
                self._outside, 416, dict(response.headers), media_type="application/json"
            )
            response.headers["content-length"] = str(len(self._outside))
        return response

    def _media_type(self, call: Call) -> str:
        variants = self._operation.variants
        parameter = self._operation.parameter("variant")
        if not variants or parameter is None or self._desk.faults.on("variant_ignored"):
            return self._default_type
        default = (parameter.canonical and parameter.canonical.default) or next(iter(variants))
        variant = str(call.query.get(parameter.name, default))
        if variant not in variants:
            message = f"There is no variant '{variant}' of this content."
            self._desk.refuse(self._operation, "invalid_request", message, param=parameter.name)
        return variants[variant]

    def _check_key(self, call: Call) -> None:
        parameter = self._operation.parameter("artifact_key")
        key = call.path.get(parameter.name) if parameter else None
        if parameter is not None and self._keys and key not in self._keys:
            message = f"The job has no file '{key}'."
            self._desk.refuse(self._operation, "not_found", message, param=parameter.name)

    def _check_index(self, call: Call, count: Any) -> None:
        parameter = self._operation.parameter("index")
        index = call.query.get(parameter.name, 0) if parameter else 0
        if isinstance(index, int) and parameter and not 0 <= index < (count or 1):
            message = f"The job has no output number {index}."
            self._desk.refuse(self._operation, "invalid_request", message, param=parameter.name)
