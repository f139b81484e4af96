"""A video gateway to develop against: instant, free, stateful, with real media.

``with vidspec.mock.running("<dialect>") as gateway:`` gives ``gateway.base_url`` for any client of it.
"""

from vidspec.mock.app import MockApp, build_app
from vidspec.mock.behaviours import BEHAVIOURS
from vidspec.mock.cast import Profile, speakers
from vidspec.mock.clock import Clock, ManualClock, SystemClock
from vidspec.mock.faults import Faults, faults_of, read_faults
from vidspec.mock.fixtures import Recording
from vidspec.mock.options import FAIL_MARKER, MODERATION_MARKER, MockOptions
from vidspec.mock.own import own_dialect
from vidspec.mock.receivers import Delivery, WebhookOptions
from vidspec.mock.server import MockGateway, running, running_async, serve

__all__ = [
    "BEHAVIOURS",
    "FAIL_MARKER",
    "MODERATION_MARKER",
    "Clock",
    "Delivery",
    "Faults",
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
    "running",
    "running_async",
    "serve",
    "speakers",
]
