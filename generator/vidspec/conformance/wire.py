"""Speaking to the gateway through the gate, and recording every word as evidence."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from vidspec.conformance.credentials import Keyring
from vidspec.conformance.events import Event, Sent
from vidspec.conformance.exchange import (
    Exchange,
    Headers,
    Redactor,
    added_headers,
    body_text,
    curl_line,
)
from vidspec.conformance.gate import GATE_HEADER, PASS_HEADER, Gate
from vidspec.conformance.reply import Reply, decode
from vidspec.conformance.requests import Draft
from vidspec.conformance.stops import BudgetSpent, NoReply
from vidspec.conformance.target import Target
from vidspec.contract import Dialect, Operation

Login = Literal["real", "wrong", "none"]

#: The key that every gateway, and every sound mock, must refuse.
WRONG_KEY: Final = "invalid-key"


class Answer(NamedTuple):
    """What came back; header names as they came."""

    status: int
    headers: Headers
    body: bytes
    #: Bytes that travelled, where ``body`` is not all of them.
    length: int | None = None

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return len(self.body) if self.length is None else self.length


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange that another tool had with the gateway; ``path`` is percent-encoded, below the base URL."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    answer: Answer
    seconds: float


@dataclass(slots=True)
class Wire:
    """Sends, records and reads replies; judges nothing."""

    dialect: Dialect
    target: Target
    gate: Gate
    #: The base URL of the gate, which stands for the gateway's own.
    base: str
    keyring: Keyring
    redactor: Redactor
    client: httpx2.Client
    emit: Callable[[Event], None]
    #: Exchanges so far.
    requests: int = 0
    #: Requests of one scenario may be under way at once; they are recorded one by one.
    _recording: threading.Lock = field(default_factory=threading.Lock)

    def exchange(
        self, made: Draft, headers: Mapping[str, str], login: Login, job_id: str | None
    ) -> Reply:
        """Send one request; raise BudgetSpent where the gate refuses, NoReply where the network fails."""
        sent = {"accept": "*/*", **made.headers, **headers, **self._login(login)}
        url = self.target.url + made.path
        said = Recorded(made.method, made.path, "", tuple(sent.items()), made.body, _NOTHING, 0.0)
        started = time.perf_counter()
        refusal = ""
        try:
            response = self._follow(made, sent)
            refusal = response.headers.get(GATE_HEADER, "")
        except httpx2.HTTPError as error:
            refusal = f"{type(error).__name__}: {error}"
        else:
            if refusal and response.status_code == 429:
                raise BudgetSpent(refusal)
        seconds = time.perf_counter() - started
        if refusal:
            self._record(made.operation, url, said, seconds, refusal)
            message = f"{made.method} {made.path}: {refusal}"
            raise NoReply(message)
        said = replace(said, answer=_answer(response))
        return self._reply(made.operation, url, said, seconds, job_id)

    def fetch(self, url: str) -> Reply:
        """Fetch any address directly, without credentials: it is free, and the gate leads to one place only."""
        said = Recorded("GET", url, "", (), b"", _NOTHING, 0.0)
        started = time.perf_counter()
        try:
            response = self.client.get(url, follow_redirects=True)
        except httpx2.HTTPError as error:
            reason = f"{type(error).__name__}: {error}"
            self._record(None, url, said, time.perf_counter() - started, reason)
            message = f"GET {self.redactor.text(url)}: {reason}"
            raise NoReply(message) from error
        said = replace(said, answer=_answer(response))
        return self._reply(None, url, said, time.perf_counter() - started, None)

    def recorded(self, operation: Operation | None, said: Recorded) -> Reply:
        """Take over an exchange that another tool had through the gate."""
        # The other tool struck its credentials out; what it carried was the gate's placeholder.
        name = self.keyring.header
        headers = dict(said.headers)
        if name in headers:
            headers[name] = self.keyring.wrap(self.gate.token)
        url = self.target.url + said.path + (f"?{said.query}" if said.query else "")
        said = replace(said, headers=tuple(headers.items()))
        return self._reply(operation, url, said, said.seconds, job_id_in(operation, said.path))

    def _follow(self, made: Draft, sent: Mapping[str, str]) -> httpx2.Response:
        response = self.client.request(
            made.method,
            self.base + made.path,
            headers={**sent, PASS_HEADER: self.gate.token},
            content=made.body or None,
        )
        onward = response.headers.get("location", "")
        if response.is_redirect and made.method in {"GET", "HEAD"} and urlsplit(onward).netloc:
            # A result on another host gets no credentials, but is asked for the same piece of it;
            # redirects at home are the gate's.
            there = urljoin(self.target.url, onward)
            headers = {name: value for name, value in sent.items() if name != self.keyring.header}
            return self.client.request(made.method, there, headers=headers, follow_redirects=True)
        return response

    def _login(self, login: Login) -> dict[str, str]:
        if login == "none" or (login == "real" and self.keyring.empty):
            return {}
        secret = self.gate.token if login == "real" else WRONG_KEY
        return {self.keyring.header: self.keyring.wrap(secret)}

    def _record(
        self,
        operation: Operation | None,
        url: str,
        said: Recorded,
        seconds: float,
        error: str | None = None,
    ) -> Exchange:
        with self._recording:
            self.requests += 1
            number = self.requests
        plain = dict(said.headers)
        sent = body_text(said.body, plain.get("content-type", "text/plain"), self.redactor)
        login = plain.pop(self.keyring.header, "")
        secret = [self.keyring.curl_header()] if self.gate.token in login else []
        if login and not secret:
            plain[self.keyring.header] = login
        if url.startswith(self.target.url):
            secret += added_headers(self.target.headers)
        status, headers, content = said.answer[:3]
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        exchange = Exchange(
            number=number,
            operation=operation.id if operation else None,
            method=said.method,
            url=self.redactor.text(url),
            request_headers=self.redactor.headers(said.headers),
            request_body=sent,
            status=status or None,
            response_headers=self.redactor.headers(headers),
            response_body=body_text(content, kind, self.redactor),
            response_bytes=len(content),
            seconds=round(seconds, 4),
            curl=self.redactor.text(curl_line(said.method, url, plain, sent, secret)),
            error=None if error is None else self.redactor.text(error),
        )
        with self._recording:
            self.emit(Sent(exchange))
        return exchange

    def _reply(
        self,
        operation: Operation | None,
        url: str,
        said: Recorded,
        seconds: float,
        job_id: str | None,
    ) -> Reply:
        status, headers, content = said.answer[:3]
        return Reply(
            exchange=self._record(operation, url, said, seconds),
            dialect=self.dialect,
            operation=operation,
            job_id=job_id,
            method=said.method,
            status=status,
            headers={name.lower(): value for name, value in headers},
            content=content,
            json=decode(content),
        )


_NOTHING: Final = Answer(0, (), b"")


def _answer(response: httpx2.Response) -> Answer:
    headers = tuple(response.headers.multi_items())
    return Answer(response.status_code, headers, response.content)


def job_id_in(operation: Operation | None, path: str) -> str | None:
    """Return the id in a path, where the operation has one."""
    parameter = operation.parameter("job_id") if operation else None
    if operation is None or parameter is None:
        return None
    pairs = zip(operation.path.split("/"), path.split("/"), strict=False)
    return next((unquote(given) for name, given in pairs if name == f"{{{parameter.name}}}"), None)
