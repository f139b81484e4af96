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


def test_no_anchor_begins_with_a_digit(pages: dict[Path, Page]) -> None:
    """The theme's script takes them as CSS selectors, and what comes after such a one is not done."""
    ours = {path.name: page for path, page in pages.items() if path.name != "404.html"}
    assert [] == [(name, i) for name, page in ours.items() for i in page.ids if i[:1].isdigit()]


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
            # The theme's script has come to its end.
            assert not chromium.ask(
                "document.querySelectorAll('.col-md-9 table:not(.table)').length"
            )


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


#: Text that can hardly be told from what is behind it (WCAG: a contrast of 4.5), an excerpt of each kind.
PALE = r"""(() => {
  const numbers = (text) => text.match(/[\d.]+/g).map(Number);
  const light = (colour) => colour.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  const pale = {};
  for (const e of document.querySelectorAll(".col-md-9 *, .bs-sidebar *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.offsetHeight) continue;
    if (e.classList.contains("headerlink")) continue;  // shown when it is pointed at
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) pale[e.tagName] = e.textContent.slice(0, 40);
  }
  return JSON.stringify(pale);
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(chromium: Browser, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    chromium.send("Emulation.setEmulatedMedia", features=[feature])
    for path in PAGES:
        chromium.open(path.as_uri())
        assert chromium.ask(PALE) == "{}", path
    chromium.send("Emulation.setEmulatedMedia", features=[])
