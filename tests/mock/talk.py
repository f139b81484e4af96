"""Speaking to a mock of any dialect by roles, as a test does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from vidspec.contract import Dialect, JobView, Operation, read_job
from vidspec.mock import MockGateway
from vidspec.source import pointer_get


@dataclass
class Talk:
    """A caller of one dialect, in its default surface."""

    gateway: MockGateway
    dialect: Dialect
    http: httpx2.Client

    def call(self, role: str, identity: str | None = "", **sent: Any) -> httpx2.Response:
        """Call the operation of that role; ``identity`` fills its path, the rest goes to the HTTP client."""
        operation = self.operation(role)
        path = operation.path
        for parameter in operation.parameters:
            path = path.replace(f"{{{parameter.name}}}", identity or "")
        headers = {"authorization": "Bearer anything"} | sent.pop("headers", {})
        url = self.gateway.base_urls[self.dialect.name] + path
        return self.http.request(operation.method, url, headers=headers, **sent)

    def create(self, **fields: Any) -> JobView:
        """Create a job of the specification's first example, changed by ``fields``."""
        body = {**self.operation("create").bodies[-1].examples[0].value, **fields}
        response = self.call("create", json=body)
        assert response.status_code < 300, response.text
        return self.job("create", response.json())

    def retrieve(self, identity: str | None) -> JobView:
        """Ask for a job."""
        response = self.call("retrieve", identity)
        assert response.status_code == 200, response.text
        return self.job("retrieve", response.json())

    def list(self, **query: Any) -> list[JobView]:
        """Return one page of jobs."""
        response = self.call("list", params=query)
        assert response.status_code == 200, response.text
        items = pointer_get(response.json(), self.operation("list").items or "")
        return [read_job(self.dialect.surface, item) for item in items]

    def job(self, role: str, reply: Mapping[str, Any]) -> JobView:
        """Read the job in a reply."""
        job = pointer_get(reply, self.operation(role).job or "")
        return read_job(self.dialect.surface, job)

    def operation(self, role: str) -> Operation:
        """Return the operation of that role in the default surface."""
        operation = self.dialect.by_role(role)
        assert operation is not None, role
        return operation

    def wire_name(self, role: str, meaning: str) -> str:
        """Return the name of the body field with that canonical meaning."""
        field = self.operation(role).field(meaning)
        assert field is not None, meaning
        return field.name
