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
    "the fields of MockOptions (job_seconds=0, api_key=...), script='queued*2, failed:CODE' (or by model, a dict) "
    "and fault='status=503 rate=0.3' (or a list)"
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
    settings = dict(marker.kwargs) if marker else {}
    # What a running gateway can be told needs no gateway of its own.
    script, faults = settings.pop("script", None), settings.pop("fault", ())
    gateway = vidspec_gateways(*names, **settings)
    gateway.reset()
    scripts = script if isinstance(script, dict) else {"*": script} if script else {}
    for model, text in scripts.items():
        gateway.script(text, model=model)
    for text in [faults] if isinstance(faults, str) else faults:
        gateway.fault(text)
    return gateway
