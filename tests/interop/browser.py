"""A headless Chromium, spoken to over two pipes: enough to open a page, click and ask what is there."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


def found() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a browser."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        #: What the page said on its console, and what its policy refused.
        self.said: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def open(self, url: str, *, width: int = 1200) -> None:
        """Open an address in a window of this width, and wait until it has loaded."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 700,
        )  # fmt: skip
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        while self.ask("document.readyState + location.protocol") != "completefile:":
            pass

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the DevTools protocol; return its result."""
        self._number += 1
        message: dict[str, Any] = {
            "id": self._number,
            "method": method,
            "params": parameters,
        }
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while (heard := self._hear()).get("id") != self._number:
            if heard.get("method") in {"Log.entryAdded", "Runtime.consoleAPICalled"}:
                self.said.append(json.dumps(heard["params"]))
        if "error" in heard:
            raise AssertionError(heard["error"])
        result: dict[str, Any] = heard["result"]
        return result

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._reader, 1 << 16)
            assert data, "the browser is gone"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(line)
        return heard


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own; end it with the block."""
    path = found()
    assert path is not None
    there, to_browser = os.pipe()
    from_browser, back = os.pipe()
    # The browser reads commands from descriptor 3 and answers on 4.
    shell = f'exec "$@" 3<&{there} 4>&{back}'
    command = ["bash", "-c", shell, "sh", path, *_FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        command, pass_fds=(there, back), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(there)
    os.close(back)
    try:
        yield Browser(from_browser, to_browser)
    finally:
        os.close(to_browser)
        process.terminate()
        process.wait(20)
        os.close(from_browser)
