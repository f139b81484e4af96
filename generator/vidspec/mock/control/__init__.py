"""Control of a running mock: an API and a page under ``/_vidspec/``, for the machine that it runs on."""

from vidspec.mock.control.app import ControlApp
from vidspec.mock.control.deeds import Deeds

__all__ = ["ControlApp", "Deeds"]
