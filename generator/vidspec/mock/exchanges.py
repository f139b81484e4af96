"""What stands in the mock's place where it records or replays."""

import importlib
from typing import Protocol

from starlette.types import Receive, Scope, Send

from vidspec.contract.model import Dialect
from vidspec.mock.media import MediaCache
from vidspec.mock.options import MockOptions


class Exchanges(Protocol):
    """An ASGI application that answers for one dialect out of exchanges with a real gateway."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

    def reset(self, space: str | None = None) -> None:
        """Begin again, in one space or in all."""


def exchange_app(
    dialect: Dialect, options: MockOptions, media: MediaCache, name: str, mount: str
) -> Exchanges | None:
    """Return what answers for the dialect played as ``name``; None where the mock itself does.

    Raises UsageError for fixtures that cannot be read or kept.
    """
    made: Exchanges | None = None
    # An HTTP client takes a while to load: only who records pays for it.
    if options.record is not None:
        module = importlib.import_module("vidspec.mock.record")
        made = module.Recorder(dialect, options.record, name, mount)
    elif options.replay is not None:
        module = importlib.import_module("vidspec.mock.replay")
        made = module.Replayer(dialect, options.replay / name, media, mount)
    return made
