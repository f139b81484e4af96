"""``vidspec video``, ``vidspec list capabilities`` and ``vidspec demo`` as a person meets them."""

import json
from pathlib import Path

import pytest

from vidspec.mock import running

from .test_commands import vidspec


def test_a_gateway_is_tried_by_hand(tmp_path: Path) -> None:
    with running("openai", job_seconds=0.2) as mock:
        at = ("--gateway", "openai", "--base-url", mock.base_url, "--api-key", "k")

        made = vidspec("video", "create", "A fox", *at, "--seconds", "8", "--json")
        job = json.loads(made.stdout)
        assert (job["state"], job["seconds"], job["raw"]["object"]) == ("queued", 8.0, "video")
        waited = vidspec("video", "wait", job["id"], *at, "--interval", "0.1")
        assert "state: completed" in waited.stdout
        assert job["id"] in vidspec("video", "list", *at).stdout
        assert "sora-2\n" in vidspec("video", "models", *at).stdout
        saved = vidspec("video", "download", job["id"], tmp_path / "a.mp4", *at)
        assert saved.stdout.endswith(f"{(tmp_path / 'a.mp4').stat().st_size} bytes\n")
        picture = ("--variant", "thumbnail")
        assert vidspec("video", "download", job["id"], tmp_path / "a.webp", *at, *picture)
        assert (tmp_path / "a.webp").read_bytes()[8:12] == b"WEBP"
        remixed = vidspec("video", "remix", job["id"], "In the rain", *at, "--json")
        assert json.loads(remixed.stdout)["prompt"] == "In the rain"
        assert "deleted" in vidspec("video", "delete", job["id"], *at).stdout
        gone = vidspec("video", "get", job["id"], *at)
        assert (gone.returncode, gone.stdout) == (1, "")
        assert "404" in gone.stderr


def test_generate_makes_and_saves(tmp_path: Path) -> None:
    with running("openrouter", job_seconds=0.1) as mock:
        done = vidspec(
            *("video", "generate", "A fox", tmp_path / "a.mp4", "--gateway", "openrouter"),
            *("--base-url", mock.base_url, "--api-key", "k", "--model", "google/veo-3.1"),
            *("--size", "1280x720", "--interval", "0.1", "--json"),
        )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "completed"
    assert (tmp_path / "a.mp4").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("delete", "x", "--gateway", "litellm"), "litellm (dialect openai) has no 'delete'"),
        (("create", "x", "--gateway", "openai", "--seconds", "5"), "it can be 4, 8, 12"),
        (("create", "x", "--gateway", "nobody"), "there are: bifrost"),
        (("create", "x", "--gateway", "openai", "--set", "x"), "--set takes NAME=JSON"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(arguments: tuple[str, ...], message: str) -> None:
    done = vidspec("video", *arguments, "--api-key", "k", "--base-url", "http://127.0.0.1:9")

    assert done.returncode == 2
    assert message in done.stderr


def test_capabilities_are_a_table() -> None:
    found = json.loads(vidspec("list", "capabilities", "--json").stdout)
    assert "delete" in found["openai"]["videos"]["operations"]
    assert "delete" not in found["openrouter"]["videos"]["operations"]
    assert "last_image" in found["openrouter"]["videos"]["parameters"]

    lines = vidspec("list", "capabilities", "--markdown").stdout.splitlines()
    assert lines[0].startswith("|  | bifrost | jimeng | kling |")
    assert len({line.count("|") for line in lines}) == 1


def test_the_demo_makes_a_video(tmp_path: Path) -> None:
    done = vidspec("demo", "--output", tmp_path, "--dialect", "openai", "--no-check")

    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "openai.mp4") in done.stdout
