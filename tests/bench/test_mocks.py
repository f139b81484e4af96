"""Another mock that cannot be measured is named, with the reason."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.load import Load
from bench.mocks import PEERS, started_peer, write_inputs
from bench.part_mock import Round, ahead, beside
from bench.servers import Server
from ecosystem.tools import NPM

_BODY = b'{"prompt": "a fox"}'
_PROGRAM = f"""#!{sys.executable}
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{{"id": "one"}}'
        self.send_response(200 if self.path == "/known" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

if sys.argv[1] == "ends":
    sys.exit(3)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.mark.parametrize(
    ("argument", "path", "expected"),
    [
        ("{port}", "/known", ""),
        ("{port}", "/strange", 'POST /strange: 404 {"id": "one"} for 2 s'),
        ("ends", "/known", "ended with 3"),
    ],
)
def test_one_that_does_not_serve_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, path: str, expected: str
) -> None:
    program = tmp_path / "node_modules" / ".bin" / "prism"
    program.parent.mkdir(parents=True)
    program.write_text(_PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("VIDSPEC_NPM", str(tmp_path))
    peer = replace(PEERS[0], command=("prism", argument), path=path)

    with started_peer(peer, tmp_path, _BODY, patience=2) as started:
        if isinstance(started, Server):
            assert json.loads(started.first_body) == {"id": "one"}
        assert expected == ("" if isinstance(started, Server) else started)


def test_one_that_is_not_there_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSPEC_NPM", str(tmp_path))
    with started_peer(PEERS[0], tmp_path, _BODY) as started:
        assert started == "@stoplight/prism-cli is not installed"
    monkeypatch.delenv("VIDSPEC_NPM")
    with started_peer(PEERS[0], tmp_path, _BODY) as started:
        assert started == "VIDSPEC_NPM names no folder of npm packages"


def test_versions_stand_with_those_of_other_packages(tmp_path: Path) -> None:
    assert {peer.package for peer in PEERS} <= set(NPM)
    write_inputs(tmp_path)
    document = json.loads((tmp_path / "openapi.json").read_text())
    assert "post" in document["paths"]["/videos"]


def test_ratios_are_those_within_the_rounds() -> None:
    """A round in which the machine was busy, or one lucky for one side only, moves no ratio."""
    bare = [Round(Load(n, 1, 0, 1, 4), 50e-6) for n in (1000, 100, 9000)]
    own = [Round(Load(n, 1, 1, 2, 4), 75e-6) for n in (700, 70, 700)]

    figures = {figure.what: figure for figure in beside("GET", "", own, bare)}

    assert (figures["GET rate"].value, figures["GET rate"].ratio) == (700, 0.7)
    cpu = figures["GET CPU per request"]
    assert cpu.ratio == pytest.approx(1.5)
    assert cpu.met
    assert (figures["GET p50"].ratio, figures["GET p99"].ratio) == (2, 1)
    assert (figures["GET errors"].value, figures["GET errors"].met) == (3, False)
    assert not any(figure.goal for figure in beside("GET", "Prism", own, bare))


@pytest.mark.parametrize(("theirs", "met"), [(90e-6, True), (60e-6, False)])
def test_a_peer_that_needs_less_is_seen(theirs: float, met: bool) -> None:
    own = [Round(Load(700, 1, 0, 2, 4), cpu) for cpu in (75e-6, 80e-6)]
    peer = [Round(Load(900, 1, 0, 1, 4), theirs) for _ in own]

    figure = ahead("GET", own, "steady", peer)

    assert figure.value == pytest.approx(75)
    assert (figure.against, figure.met) == ("steady", met)
