"""For pytest: ``vidspec_mock``, a gateway that is fresh in every test, and ``--vidspec-url``, a check of a real one.

Every run of pytest loads this module: it imports nothing heavy before a test asks for the fixture.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vidspec.conformance.pytest_items import CheckedGateway
    from vidspec.mock import MockGateway

_CHECKED: "pytest.StashKey[CheckedGateway]" = pytest.StashKey()
_MARKER = (
    "vidspec(*names, **settings): the dialects or gateways that vidspec_mock plays, "
    "the fields of MockOptions (job_seconds=0, api_key=...), script='queued*2, failed:CODE' (or by model, a dict) "
    "and fault='status=503 rate=0.3' (or a list)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names what is played where no marker does, and the options of a check."""
    group = parser.getgroup("vidspec", "conformance of a video gateway")
    group.addoption(
        "--vidspec-url", metavar="URL", help="check this gateway, a test for each requirement"
    )
    group.addoption("--vidspec-dialect", metavar="NAME", help="the dialect it claims to speak")
    group.addoption(
        "--vidspec-mode",
        choices=("free", "smoke", "standard", "deep"),
        default="free",
        help="how many paid calls it may take (default: none)",
    )
    parser.addini("vidspec_mock", "Dialects or gateways that vidspec_mock plays.", "args")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)
    url, dialect = config.getoption("--vidspec-url"), config.getoption("--vidspec-dialect")
    if url is None:
        return
    if dialect is None:
        message = "--vidspec-url needs --vidspec-dialect NAME (names: vidspec list dialects)"
        raise pytest.UsageError(message)
    if config.getoption("numprocesses", default=None):
        # Each worker would make the whole check, and each would have the whole budget.
        message = "--vidspec-url does not work with -n"
        raise pytest.UsageError(message)
    from vidspec.conformance.pytest_items import CheckedGateway
    from vidspec.errors import VidspecError

    try:
        checked = CheckedGateway.of(url, dialect, config.getoption("--vidspec-mode"))
    except VidspecError as error:
        raise pytest.UsageError(error.render()) from error
    config.stash[_CHECKED] = checked


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the requirements to what is tested; ``-k`` and ``--deselect`` choose among them."""
    checked = session.config.stash.get(_CHECKED, None)
    if checked is not None:
        from vidspec.conformance.pytest_items import items_of

        items.extend(items_of(session, checked))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the check do no more than what is left."""
    checked = session.config.stash.get(_CHECKED, None)
    if checked is not None:
        from vidspec.conformance.pytest_items import narrow

        narrow(checked, session.items)


@pytest.fixture(scope="session")
def vidspec_gateway(pytestconfig: pytest.Config) -> "CheckedGateway":
    """Give the gateway of ``--vidspec-url`` (``url``, ``dialect``, ``run``); without one the test is skipped."""
    checked = pytestconfig.stash.get(_CHECKED, None)
    if checked is None:
        pytest.skip("no gateway was given: --vidspec-url URL --vidspec-dialect NAME")
    return checked


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
