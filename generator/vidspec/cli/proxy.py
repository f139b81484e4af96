"""``vidspec proxy``."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from vidspec.cli.gateway import gateway_option, spoken
from vidspec.cli.groups import spread
from vidspec.cli.judging import Judging, given
from vidspec.cli.options import spec_option
from vidspec.cli.recorded import tell_counts
from vidspec.cli.streams import recording

if TYPE_CHECKING:
    from vidspec.conformance import Event


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(spread(proxy))


def proxy(
    *,
    upstream: Annotated[
        str | None, typer.Option(metavar="URL", help="The gateway's base URL, as an SDK takes it.")
    ] = None,
    dialect: Annotated[str | None, typer.Option(help="The dialect it claims to speak.")] = None,
    gateway: gateway_option = None,
    judging: Judging,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on (0: any free one).")
    ] = 8080,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Further name under which the proxy may be asked."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=0, help="Seconds that the gateway may be silent.")
    ] = 600.0,
    spec: spec_option = None,
) -> None:
    """Pass an application's traffic to a gateway and judge it as it flows; Ctrl-C ends it with the report.

    Exit 0: what was seen conforms, 1: it does not, 4: nothing that could be judged was seen.
    """
    from vidspec.conformance import Options, Passive, Proxy, Run, Target, listening
    from vidspec.contract import load_contract

    speaker = spoken(gateway, dialect, spec)
    url = Target(
        given(upstream or speaker.base_url, "the upstream", "--upstream URL"), speaker.dialect
    ).url
    kinds = judging.kinds()
    contract = load_contract(spec, [speaker.dialect])
    known = judging.known(contract)
    choice = Options(only=tuple(judging.only or ()), skip=tuple(judging.skip or ()))
    events: list[Event] = []
    with recording(kinds, _tell) as record:

        def keep(event: "Event") -> None:
            events.append(event)
            record(event)

        spoke = contract.dialects[speaker.dialect]
        judge = Passive(contract, spoke, url, "proxy", keep, judging.surface, options=choice)
        app = Proxy(url, judge, timeout, frozenset({host, *(allow_host or ())}))
        with listening(app, host, port, http="h11") as bound, _until_stopped() as stopped:
            shown = f"[{host}]" if ":" in host else host
            typer.echo(f"http://{shown}:{bound}{urlsplit(url).path}")
            typer.echo(f"leads to {url}; Ctrl-C ends it with the report", err=True)
            stopped.wait()
        judge.finish()
    code = judging.conclude(Run.of(events), known)
    tell_counts(judge)
    raise typer.Exit(code)


@contextlib.contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """Give what is set by Ctrl-C or SIGTERM; a second signal has its usual effect."""
    stopped = threading.Event()

    def stop(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(event: "Event") -> None:
    from vidspec.conformance.events import Judged

    if isinstance(event, Judged) and not event.ok:
        where = f" ({event.operation})" if event.operation else ""
        typer.echo(
            f"{event.requirement}{where}: expected {event.expected}; received {event.received}",
            err=True,
        )
