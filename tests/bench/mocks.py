"""Other people's mock servers, given the same document and asked for the same two things.

``VIDSPEC_NPM`` names the folder of npm packages in which they are looked for; ``tests/ecosystem/pins.json`` holds their versions.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Server, request_bytes, running
from vidspec.contract import load_dialects

#: AIMock knows the API by heart; what it answers stands in a fixture.
_FIXTURES = {
    "fixtures": [
        {
            "match": {"endpoint": "video"},
            "response": {
                "video": {
                    "id": "video_1",
                    "status": "completed",
                    "url": "http://127.0.0.1/video.mp4",
                }
            },
        }
    ]
}


@dataclass(frozen=True)
class Peer:
    """One of them: its npm package, how it is started as quiet as it can be, and where it has the videos."""

    name: str
    package: str
    command: tuple[str, ...]
    path: str


PEERS = (
    Peer(
        "Prism", "@stoplight/prism-cli",
        ("prism", "mock", "-v", "error", "-h", "127.0.0.1", "-p", "{port}", "openapi.json"),
        "/videos",
    ),
    Peer(
        "steady", "@stdy/cli",
        ("steady", "-q", "--host", "127.0.0.1", "-p", "{port}", "openapi.json"),
        "/videos",
    ),
    Peer(
        "AIMock", "@copilotkit/aimock",
        ("llmock", "--log-level", "silent", "-h", "127.0.0.1", "-p", "{port}", "-f", "fixtures.json"),
        "/v1/videos",
    ),
)  # fmt: skip


def write_inputs(folder: Path) -> None:
    """Write what they are given: the bundled document, and the fixture."""
    document = load_dialects(dialects=["openai"])["openai"].document
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "fixtures.json").write_text(json.dumps(_FIXTURES))


@contextlib.contextmanager
def started_peer(
    peer: Peer, folder: Path, body: bytes, *, patience: float = 60
) -> Iterator[Server | str]:
    """Start one in the folder of its inputs, and wait until it has made a video; give why it cannot be had instead."""
    packages = os.environ.get("VIDSPEC_NPM")
    if packages is None:
        yield "VIDSPEC_NPM names no folder of npm packages"
        return
    program = Path(packages) / "node_modules" / ".bin" / peer.command[0]
    if not program.exists():
        yield f"{peer.package} is not installed"
        return
    with contextlib.ExitStack() as stack:
        command = [str(program), *peer.command[1:]]
        creation = request_bytes("POST", peer.path, body)
        try:
            server = stack.enter_context(running(command, creation, patience=patience, cwd=folder))
        except RuntimeError as error:
            yield str(error)
            return
        yield server
