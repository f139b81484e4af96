"""For pytest: the fixture ``vidspec_mock``, a video gateway that is fresh in every test.

Every run of pytest loads this module: it imports nothing heavy before a test asks for the fixture.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vidspec.mock import MockGateway

_MARKER = (
    "vidspec(*names, **settings): the dialects or gateways that vidspec_mock plays, "
    "and the fields of MockOptions (job_seconds=0, api_key=...)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names what is played where no marker does."""
    parser.addini("vidspec_mock", "Dialects or gateways that vidspec_mock plays.", "args")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def vidspec_gateways() -> Iterator[Callable[..., "MockGateway"]]:
    """Give what starts a gateway (names and settings as for ``vidspec.mock.running``), once for each way of asking."""
    started: dict[str, MockGateway] = {}
    with contextlib.ExitStack() as servers:

        def gateway(*names: str, **settings: Any) -> "MockGateway":
            from vidspec.mock import running

            asked = repr((names, sorted(settings.items(), key=lambda item: item[0])))
            if asked not in started:
                started[asked] = servers.enter_context(running(*names, **settings))
            return started[asked]

        yield gateway


@pytest.fixture
def vidspec_mock(
    request: pytest.FixtureRequest, vidspec_gateways: Callable[..., "MockGateway"]
) -> "MockGateway":
    """Give a running gateway without any jobs, as the test's marker or the configuration describes it."""
    marker = request.node.get_closest_marker("vidspec")
    names = marker.args if marker and marker.args else tuple(request.config.getini("vidspec_mock"))
    if not names:
        pytest.fail(
            'vidspec_mock must know whom to play: @pytest.mark.vidspec("NAME") or vidspec_mock = ["NAME"]'
            " in the configuration (names: vidspec list dialects)",
            pytrace=False,
        )
    gateway = vidspec_gateways(*names, **(marker.kwargs if marker else {}))
    gateway.reset()
    return gateway
