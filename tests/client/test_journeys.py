"""Each journey of the documentation is made: from a prompt to a file, in the words of the page."""

from pathlib import Path

import pytest

from mock.probing import probe_video
from vidspec.contract import load_contract, load_gateways
from vidspec.mock import running
from vidspec_client._runtime import waiting
from vidspec_client._runtime.steps import Sleep

from .journeys import PNG, environment, journeys

OWN = load_contract()
GATEWAYS = load_gateways()
PROGRAMS = journeys()
#: Journey → paid calls, where there is more than one.
PAID = {"bifrost": 2, "kling": 3}


def test_every_dialect_has_one() -> None:
    assert {*OWN.dialects, "litellm"} == PROGRAMS.keys()


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_ends_in_a_video(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = GATEWAYS[name]
    monkeypatch.setattr(waiting, "Sleep", lambda seconds: Sleep(min(seconds, 0.05)))
    monkeypatch.chdir(tmp_path)
    Path("fox.png").write_bytes(PNG)
    with running(name, profile="observed", job_seconds=0.1) as mock:
        for variable, value in environment(gateway, mock.base_url).items():
            monkeypatch.setenv(variable, value)
        exec(compile(PROGRAMS[name], f"docs/journeys.md: {name}", "exec"), {"__name__": "journey"})
        assert mock.paid_calls == PAID.get(name, 1)

    videos = list(tmp_path.glob("*.mp4"))
    assert videos
    assert all(probe_video(path.read_bytes()).frames for path in videos)
