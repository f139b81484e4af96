"""A video gateway to develop against: instant, free, stateful, with real media.

``with vidspec.mock("<dialect>") as gateway:`` gives ``gateway.base_url`` for any client of it; ``mock`` is
``mock.running`` for short. ``running_async`` does the same beside an event loop.
"""

import sys
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

from vidspec.mock.app import MockApp, build_app
from vidspec.mock.behaviours import BEHAVIOURS
from vidspec.mock.cast import Profile, speakers
from vidspec.mock.clock import Clock, ManualClock, SystemClock
from vidspec.mock.faults import Faults, faults_of, read_faults
from vidspec.mock.fixtures import Recording
from vidspec.mock.options import FAIL_MARKER, MODERATION_MARKER, MockOptions
from vidspec.mock.own import own_dialect
from vidspec.mock.receivers import Delivery, WebhookOptions
from vidspec.mock.scripts import read_scripts
from vidspec.mock.server import MockGateway, running, running_async, serve
from vidspec_server._runtime.limits import Limits

__all__ = [
    "BEHAVIOURS",
    "FAIL_MARKER",
    "MODERATION_MARKER",
    "Clock",
    "Delivery",
    "Faults",
    "Limits",
    "ManualClock",
    "MockApp",
    "MockGateway",
    "MockOptions",
    "Profile",
    "Recording",
    "SystemClock",
    "WebhookOptions",
    "build_app",
    "faults_of",
    "own_dialect",
    "read_faults",
    "read_scripts",
    "running",
    "running_async",
    "serve",
    "speakers",
]


class _Callable(ModuleType):
    """This module, which can be called."""

    def __call__(self, *names: str, **settings: Any) -> AbstractContextManager[MockGateway]:
        """Run the mock of these dialects or gateways: see ``running``."""
        return running(*names, **settings)


sys.modules[__name__].__class__ = _Callable
