"""The mock's page in a real browser: jobs, progress, players, buttons, and pages of other origins."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from interop.browser import Browser, browser, found
from vidspec.mock import MockGateway, running

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(found() is None, reason="there is no Chromium here"),
]

#: A prompt that would run if it could.
EVIL = "</p><script>window.owned=1</script><img src=x onerror=window.owned=1>"
ATTACK = """<!doctype html><title>other</title><script>
const url = "%s/_vidspec/";
window.done = null;
(async () => {
  const tries = {
    read: () => fetch(url + "state").then((r) => r.text()),
    readOpaque: () => fetch(url + "state", {mode: "no-cors"}).then((r) => r.text()),
    form: () => fetch(url + "reset", {method: "POST", mode: "no-cors", body: "{}",
      headers: {"content-type": "text/plain"}}).then((r) => r.text()),
    json: () => fetch(url + "reset", {method: "POST", body: "{}", headers: {"content-type": "application/json"}}).then((r) => r.text()),
  };
  const seen = {};
  for (const [name, go] of Object.entries(tries)) {
    try { seen[name] = await go(); } catch (error) { seen[name] = "refused"; }
  }
  const frame = document.createElement("iframe");
  frame.src = url;
  await new Promise((done) => { frame.onload = frame.onerror = done; document.body.append(frame); });
  try { seen.frame = frame.contentDocument ? "read" : "refused"; } catch (error) { seen.frame = "refused"; }
  const script = document.createElement("script");
  script.src = url + "page.js";
  await new Promise((done) => { script.onload = () => { seen.script = "ran"; done(); };
    script.onerror = () => { seen.script = "refused"; done(); }; document.body.append(script); });
  window.done = seen;
})();
</script><body>"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def mock() -> Iterator[MockGateway]:
    with running("openai", job_seconds=2) as gateway:
        yield gateway


@pytest.fixture
def gateway(mock: MockGateway) -> MockGateway:
    mock.reset()
    return mock


def create(gateway: MockGateway, script: str | None = None, prompt: str = "A red kite") -> str:
    headers = {"authorization": "Bearer x"} | ({"x-vidspec-script": script} if script else {})
    reply = httpx2.post(
        f"{gateway.base_url}/videos", json={"model": "sora-2", "prompt": prompt}, headers=headers
    )
    assert reply.is_success, reply.text
    return str(reply.json()["id"])


def state(gateway: MockGateway, job: str) -> str:
    url = f"{gateway.base_url}/videos/{job}"
    return str(httpx2.get(url, headers={"authorization": "Bearer x"}).json()["status"])


def go(page: Browser, url: str, *, width: int = 1200) -> None:
    """Open an address over HTTP, and wait until it has loaded."""
    page.send(
        "Emulation.setDeviceMetricsOverride",
        width=width, height=900, deviceScaleFactor=1, mobile=width < 700,
    )  # fmt: skip
    page.send("Page.navigate", url=url)
    until(
        lambda: page.ask("document.readyState") == "complete" and page.ask("location.href") == url
    )


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.05)


def card(job: str, then: str) -> str:
    return f"document.querySelector('article[data-id={json.dumps(job)}]'){then}"


def test_job_appears_and_moves_and_plays(chromium: Browser, gateway: MockGateway) -> None:
    """Made while the page is open: there by itself, its progress rising, its video played and sought."""
    go(chromium, f"{gateway.url}/_vidspec/")
    job = create(gateway, "time 6s")
    until(lambda: chromium.ask(card(job, " !== null")))
    bar = card(job, ".querySelector('progress').value")
    until(lambda: 0 < chromium.ask(bar) < 100)
    first = chromium.ask(bar)
    until(lambda: chromium.ask(bar) > first)
    until(lambda: chromium.ask(card(job, ".querySelector('video') !== null")))
    video = card(job, ".querySelector('video')")
    chromium.ask(f"{video}.muted = true, {video}.play(), 0")
    until(lambda: chromium.ask(f"{video}.currentTime") > 0.2)
    chromium.ask(f"{video}.pause(), {video}.currentTime = 2, 0")
    until(lambda: chromium.ask(f"!{video}.seeking && {video}.currentTime == 2"))
    assert chromium.ask(f"{video}.error") is None


@pytest.fixture
def six_states() -> Iterator[MockGateway]:
    """Play a dialect that has a word for every end."""
    with running("openrouter", job_seconds=2) as gateway:
        yield gateway


def test_buttons_do_what_they_say(chromium: Browser, six_states: MockGateway) -> None:
    gateway = six_states
    jobs = {
        deed: create(gateway, "manual")
        for deed in ("advance", "fail", "cancel", "expire", "complete")
    }
    go(chromium, f"{gateway.url}/_vidspec/")
    for deed, job in jobs.items():
        button = card(job, f".querySelector('[data-deed={deed}]')")
        until(lambda job=job: chromium.ask(card(job, " !== null")))  # type: ignore[misc]
        chromium.ask(f"{button}.click()")
        until(lambda job=job: chromium.ask(card(job, ".dataset.state")) != "queued")  # type: ignore[misc]
    shown = {deed: chromium.ask(card(job, ".dataset.state")) for deed, job in jobs.items()}

    assert shown == {
        "advance": "in_progress", "fail": "failed", "cancel": "cancelled", "expire": "expired",
        "complete": "completed",
    }  # fmt: skip
    assert state(gateway, jobs["fail"]) == "failed"
    assert chromium.ask(card(jobs["fail"], ".querySelector('[data-deed=advance]').disabled"))


def test_buttons_for_ends_without_a_word_say_so(chromium: Browser, gateway: MockGateway) -> None:
    job = create(gateway, "manual")
    go(chromium, f"{gateway.url}/_vidspec/")
    until(lambda: chromium.ask(card(job, " !== null")))
    told = "(({disabled, title}) => [disabled, title])"
    shown = {
        deed: chromium.ask(f"{told}({card(job, f'.querySelector(`[data-deed={deed}]`)')})")
        for deed in ("advance", "complete", "fail", "cancel", "expire")
    }

    why = "These jobs of openai have no word for it."
    assert shown == {
        "advance": [False, ""], "complete": [False, ""], "fail": [False, ""],
        "cancel": [True, why], "expire": [True, why],
    }  # fmt: skip


def test_clock_scripts_and_faults(chromium: Browser, gateway: MockGateway) -> None:
    job = create(gateway, "time 1h")
    go(chromium, f"{gateway.url}/_vidspec/")
    until(lambda: chromium.ask(card(job, " !== null")))
    chromium.ask("document.querySelector('[data-clock=\"1h\"]').click()")
    until(lambda: chromium.ask(card(job, ".dataset.state")) == "completed")
    chromium.ask("document.getElementById('script').value = 'nonsense', 0")
    chromium.ask("document.getElementById('set-script').click()")
    until(lambda: "names no state" in chromium.ask("document.getElementById('lost').textContent"))
    chromium.ask("document.getElementById('fault').value = 'status=503', 0")
    chromium.ask("document.getElementById('add-fault').click()")
    until(lambda: "status=503" in chromium.ask("document.getElementById('told').textContent"))
    assert list(gateway.app.incidents.told()) == ["status=503"]
    chromium.ask("document.getElementById('reset').click()")
    until(lambda: chromium.ask("document.querySelectorAll('article').length") == 0)
    assert gateway.app.incidents.told() == []


def test_received_text_does_not_run(chromium: Browser, gateway: MockGateway) -> None:
    create(gateway, prompt=EVIL)
    httpx2.get(f"{gateway.base_url}/{EVIL}")
    httpx2.post(
        f"{gateway.base_url}/videos", json={"model": EVIL, "prompt": "x", "size": EVIL},
        headers={"authorization": "Bearer x", "vidspec-space": "a<b>"},
    )  # fmt: skip
    chromium.said.clear()
    go(chromium, f"{gateway.url}/_vidspec/")
    until(lambda: chromium.ask("document.querySelectorAll('#journal tr').length") == 3)

    assert "window.owned" in chromium.ask("document.body.textContent")
    assert chromium.ask("typeof window.owned") == "undefined"
    assert chromium.ask("document.images.length") == 0
    assert chromium.ask("document.querySelectorAll('tr[data-valid=false]').length") == 2
    assert not [said for said in chromium.said if "favicon" not in said]


def test_only_wrong_requests_are_shown_if_wanted(chromium: Browser, gateway: MockGateway) -> None:
    create(gateway)
    httpx2.get(f"{gateway.base_url}/nothing")
    go(chromium, f"{gateway.url}/_vidspec/")
    until(lambda: chromium.ask("document.querySelectorAll('#journal tr').length") == 2)
    chromium.ask("document.getElementById('only-invalid').click()")
    assert chromium.ask("document.querySelectorAll('#journal tr').length") == 1
    assert "unknown_path" in chromium.ask("document.getElementById('journal').textContent")


@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_fits_and_can_be_read(
    chromium: Browser, gateway: MockGateway, width: int, scheme: str
) -> None:
    """No wider than its window, in light and dark; one main part, names for every control."""
    create(gateway, 'queued, failed:moderation_blocked "This is not allowed here."', "w" * 200)
    httpx2.get(f"{gateway.base_url}/{'long' * 60}")
    chromium.send(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
    )
    go(chromium, f"{gateway.url}/_vidspec/", width=width)
    until(lambda: chromium.ask("document.querySelectorAll('#journal tr').length") == 2)

    assert chromium.ask("document.documentElement.scrollWidth") <= width
    dark = chromium.ask("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    assert chromium.ask("document.querySelectorAll('main, h1').length") == 2
    assert chromium.ask("[...document.querySelectorAll('input')].every(c => c.closest('label'))")
    assert chromium.ask("[...document.querySelectorAll('button')].every(b => b.textContent)")


def test_page_of_another_origin_reaches_nothing(
    chromium: Browser, gateway: MockGateway, tmp_path: Path
) -> None:
    """It neither reads what is there nor moves anything, by whatever way a page has."""
    create(gateway)
    (tmp_path / "attack.html").write_text(ATTACK % gateway.url)

    class Files(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(tmp_path))

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for host in ("127.0.0.1", "localhost"):
            go(chromium, f"http://{host}:{server.server_port}/attack.html")
            until(lambda: chromium.ask("window.done !== null"))
            seen = chromium.ask("window.done")
            assert seen["read"] == seen["json"] == seen["frame"] == seen["script"] == "refused", (
                seen
            )
            assert seen["readOpaque"] in {"", "refused"}
        server.shutdown()

    assert len(gateway.app.store) == 1
