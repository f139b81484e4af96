"""Pages over hostile texts: whatever they say, the page has the elements of the page over harmless ones."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.salted import salted
from fuzz.strength import examples
from vidspec.conformance import render
from vidspec.conformance.report import render_all

EVIL = (
    "</pre></script>--><script>window.owned=1</script><img src=x onerror=window.owned=1>\"' ",
    "javascript:window.owned=1//",
    '" onmouseover=window.owned=1 autofocus onfocus=window.owned=1 x="',
    "' style='background:url(https://example.invalid/x)' ",
    "&lt;script&gt;&#x3c;script&#x3e; ",
    "</style><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% raw %}${alert(1)}",
    "]]></title></textarea></noscript><svg/onload=window.owned=1>",
    "".join(map(chr, range(256))),
    "\u2028\u2029\ud83d\ude00\ufeff\u202e",
)


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *sorted(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action"}]

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment",))


def pages(salt: str) -> list[str]:
    return [
        render(salted(salt), "html"),
        render(salted(salt, unmeasured=True), "html"),
        render_all([salted(salt), salted("plain "), salted(salt)], "matrix"),
    ]


@pytest.fixture(scope="module")
def harmless() -> list[Skeleton]:
    return [Skeleton(page) for page in pages("salt ")]


def held(salt: str, harmless: list[Skeleton]) -> None:
    for page, plain in zip(pages(salt), harmless, strict=True):
        found = Skeleton(page)
        assert found.elements == plain.elements
        for link in found.links:
            assert link.startswith(("#", "https://", "http://"))


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_texts_are_text(evil: str, harmless: list[Skeleton]) -> None:
    held(evil, harmless)


@examples(25)
@given(evil=st.text(st.characters(codec="utf-8"), max_size=30).filter(str.strip))
def test_any_text_is_text(harmless: list[Skeleton], evil: str) -> None:
    held(evil, harmless)
