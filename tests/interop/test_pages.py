"""The HTML reports in a real browser, opened from disk."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.salted import salted
from conformance.story import told
from conformance.test_hostile_pages import EVIL as EVIL_TEXTS
from interop.browser import Browser, browser, found
from vidspec.conformance import render
from vidspec.conformance.report import render_all

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(found() is None, reason="there is no Chromium here"),
]

#: Received bytes that would run if they could: out of an element, an attribute, and a comment.
EVIL = "</pre></script>--><script>window.owned=1</script><img src=x onerror=window.owned=1>\"'"
VERDICTS = {"a-held": "pass", "b-broken": "fail", "c-odd": "warn", "d-open": "not_reached"}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give a browser for all tests of this file."""
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a report on disk."""
    path = tmp_path_factory.mktemp("pages") / "report.html"
    path.write_text(render(told(VERDICTS, body=EVIL), "html"))  # type: ignore[arg-type]
    return path.as_uri()


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a matrix of three gateways on disk."""
    runs = [
        told({"a-held": "pass", "b-broken": verdict}, url=f"https://{verdict}.test", body=EVIL)
        for verdict in ("pass", "fail", "warn")
    ]
    path: Path = tmp_path_factory.mktemp("pages") / "matrix.html"
    path.write_text(render_all(runs, "matrix"))
    return path.as_uri()


def seen(page: Browser) -> list[str]:
    rows: list[str] = page.ask(
        "[...document.querySelectorAll('tr[data-item]:not([hidden]) th a')].map(a => a.textContent)"
    )
    return rows


def test_received_bytes_do_not_run(chromium: Browser, report: str, matrix: str) -> None:
    for address in (report, matrix):
        chromium.open(address)

        assert chromium.ask("typeof window.owned") == "undefined"
        assert chromium.ask("document.images.length") == 0
        assert "window.owned" in chromium.ask("document.body.textContent")


@pytest.mark.parametrize("evil", EVIL_TEXTS)
def test_no_text_of_a_run_acts(chromium: Browser, tmp_path: Path, evil: str) -> None:
    """Hostile in every text of the stream: nothing runs, nothing is fetched, and the policy is not even asked."""
    path = tmp_path / "page.html"
    for page in (render(salted(evil), "html"), render_all([salted(evil), salted("x")], "matrix")):
        path.write_text(page, encoding="utf-8", errors="replace")
        chromium.said.clear()
        chromium.open(path.as_uri())

        assert chromium.ask("typeof window.owned") == "undefined"
        assert chromium.ask("document.images.length") == 0
        assert chromium.ask("performance.getEntriesByType('resource').length") == 0
        assert chromium.ask("document.querySelector('main').offsetHeight") > 0
        assert [] == chromium.said


def test_a_script_that_is_not_ours_is_refused_by_the_policy(chromium: Browser, report: str) -> None:
    chromium.open(report)
    chromium.ask(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.owned=1'}))"
    )

    assert chromium.ask("typeof window.owned") == "undefined"
    assert any("Content Security Policy" in said for said in chromium.said)


def test_filters_are_kept_in_the_address(chromium: Browser, report: str) -> None:
    chromium.open(report)
    assert len(seen(chromium)) == 4
    chromium.ask("document.querySelector('[value=fail]').click()")

    assert seen(chromium) == ["b-broken"]
    assert chromium.ask("document.getElementById('shown').textContent") == "1 of 4 shown"
    address = chromium.ask("location.href")
    chromium.open(address)
    assert address.endswith("#?verdict=fail")
    assert seen(chromium) == ["b-broken"]
    chromium.ask("document.querySelector('search button').click()")
    assert len(seen(chromium)) == 4


def test_text_and_level_filter_too(chromium: Browser, report: str) -> None:
    chromium.open(f"{report}#?q=C-ODD")
    assert seen(chromium) == ["c-odd"]
    chromium.open(f"{report}?level=SHOULD")
    assert seen(chromium) == ["c-odd"]


def test_an_anchor_is_followed_and_shown_whatever_is_filtered(
    chromium: Browser, report: str
) -> None:
    chromium.open(f"{report}#b-broken?verdict=pass")

    assert chromium.ask("document.querySelector('.target').id") == "b-broken"
    assert chromium.ask("!document.getElementById('b-broken').hidden")
    chromium.ask("document.querySelector('tr a[href=\"#a-held\"]').click()")
    assert chromium.ask("location.hash") == "#a-held?verdict=pass"
    assert chromium.ask("document.querySelector('.target').id") == "a-held"


def test_a_cell_of_the_matrix_leads_to_its_evidence(chromium: Browser, matrix: str) -> None:
    chromium.open(f"{matrix}#?differs=yes")
    assert seen(chromium)[0] == "b-broken"
    assert "a-held" not in seen(chromium)
    chromium.ask("document.querySelector('td a.v-fail').click()")

    assert chromium.ask("document.querySelector('.target').id") == "gateway-2-b-broken"
    assert chromium.ask("document.querySelector('.target').getBoundingClientRect().top") < 900


@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_is_wider_than_its_window(
    chromium: Browser, report: str, matrix: str, width: int
) -> None:
    for address in (report, matrix):
        chromium.open(address, width=width)

        assert chromium.ask("document.documentElement.scrollWidth") <= width


def test_structure_that_a_screen_reader_needs(chromium: Browser, report: str, matrix: str) -> None:
    for address in (report, matrix):
        chromium.open(address)

        assert chromium.ask("document.querySelectorAll('main').length") == 1
        assert chromium.ask("document.querySelectorAll('h1').length") == 1
        assert chromium.ask("[...document.querySelectorAll('th')].every(th => th.scope)")
        assert chromium.ask(
            "[...document.querySelectorAll('input,select')].every(c => c.closest('label'))"
        )
        levels = chromium.ask(
            "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"
        )
        assert all(after - before <= 1 for before, after in pairwise(levels))
