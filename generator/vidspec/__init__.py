"""vidspec: the contract of video-generation APIs, and the tools made from it."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from vidspec.mock import MockGateway

    def mock(*names: str, **settings: Any) -> AbstractContextManager[MockGateway]:
        """Run the mock of these dialects or gateways: see ``vidspec.mock.running``."""


def __getattr__(name: str) -> Any:
    """Load the mock when it is first named: ``with vidspec.mock(NAME) as gateway:``."""
    if name == "mock":
        return importlib.import_module("vidspec.mock")
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
