"""The built site, read from disk: whole, alone, and fit for a phone. ``nox -s docs`` builds it and runs this."""

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from interop.browser import Browser, browser, found

SITE = Path(os.environ.get("VIDSPEC_SITE", "none"))
PAGES = sorted(SITE.rglob("*.html"))

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not PAGES, reason="there is no site: run nox -s docs"),
]


class Page(HTMLParser):
    """What a page loads, where it leads, and what can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.ids |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.leads.append(said["href"])
        elif tag == "link" and said.get("rel") != "canonical":
            self.loads.append(said["href"])
        elif "src" in said:
            self.loads.append(said["src"])


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    return {path: Page(path) for path in PAGES}


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.leads + page.loads:
            parts = urlsplit(link)
            if parts.scheme or not link or path.name == "404.html":
                continue
            base = SITE if parts.path.startswith("/") else path.parent
            target = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
            if not target.is_file() or (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].ids
            ):
                broken.append((path.name, link))

    assert [] == broken


def test_nothing_comes_from_another_host(pages: dict[Path, Page]) -> None:
    outside = [load for page in pages.values() for load in page.loads if urlsplit(load).netloc]
    styles = "\n".join(path.read_text() for path in SITE.rglob("*.css"))

    assert [] == outside
    assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", styles)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if found() is None:
        pytest.skip("there is no Chromium here")
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_is_wider_than_its_window(chromium: Browser, width: int) -> None:
    for path in PAGES:
        if path.name != "404.html":
            chromium.open(path.as_uri(), width=width)
            assert chromium.ask("document.documentElement.scrollWidth") <= width, path


def test_it_is_light_or_dark_as_the_reader_likes(chromium: Browser) -> None:
    colours = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        chromium.send("Emulation.setEmulatedMedia", features=[feature])
        chromium.open((SITE / "index.html").as_uri())
        colours.append(chromium.ask("getComputedStyle(document.body).backgroundColor"))
    chromium.send("Emulation.setEmulatedMedia", features=[])

    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert light > 600 > 200 > dark
