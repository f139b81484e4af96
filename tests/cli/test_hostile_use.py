"""The command line in hands that try everything: a message and an exit code, nothing broken, nothing paid in vain."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vidspec.mock import running

from .test_commands import vidspec


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mock", "openai", "--port", "99999"), "99999 is not in the range"),
        (("mock",), "name what to play: bifrost"),
        (("generate", "--output", "FILE"), "File exists"),
        (("lint", "--spec", "FOLDER"), "no specification lies in"),
        (("check", "http://127.0.0.1:99999/v1", "--dialect", "openai"), "no port has that number"),
        (
            ("check", "http://h/v1", "--dialect", "openai", "--job-timeout", "-5"),
            "not in the range",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    places = {"FILE": tmp_path / "file", "FOLDER": tmp_path / "folder"}
    done = vidspec(*(places.get(word, word) for word in words))

    assert done.returncode == 2
    assert message in done.stderr


def test_the_gateways_that_help_speaks_of_are_listed() -> None:
    done = vidspec("list", "gateways")

    assert done.returncode == 0
    assert "vllm-omni" in done.stdout
    assert "OPENROUTER_API_KEY" in done.stdout


def test_a_new_dialect_says_a_command_that_works(tmp_path: Path) -> None:
    made = vidspec("new", "dialect", "fable", cwd=tmp_path)
    after = made.stderr.strip().removeprefix("next: vidspec ").split()

    assert vidspec(*after, cwd=tmp_path).returncode == 0


def test_the_first_emission_is_no_list_of_what_is_missing(tmp_path: Path) -> None:
    vidspec("new", "dialect", "fable", "--output", "my", cwd=tmp_path)
    emit = ("generate", "--spec", "my", "--package", "my_client", "--output", "src")

    assert "missing" not in vidspec(*emit, cwd=tmp_path).stdout
    (tmp_path / "src/my_client/fable/models.py").unlink()
    assert "new: my_client/fable/models.py" in vidspec(*emit, cwd=tmp_path).stdout


def test_a_dry_run_has_short_lines() -> None:
    done = vidspec("check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--dry-run")

    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) < 250
    assert all(line.isprintable() for line in done.stdout.splitlines())


@pytest.mark.parametrize("place", [".", "no-folder/a.mp4", "/dev/null"])
def test_a_video_that_cannot_be_kept_is_not_paid_for(place: str, tmp_path: Path) -> None:
    (tmp_path / "no-folder").write_text("a file")
    with running("openai", job_seconds=0.1) as mock:
        at = ("--gateway", "openai", "--base-url", mock.base_url, "--api-key", "k")
        done = vidspec("video", "generate", "A fox", place, *at, cwd=tmp_path)

        assert (done.returncode, mock.paid_calls) == (2, 0)
    assert place in done.stderr
    assert not Path("/dev/null").is_file()


def test_whoever_leaves_early_is_told_how_to_come_back(tmp_path: Path) -> None:
    with running("openai", job_seconds=60) as mock:
        command = [
            *(sys.executable, "-m", "vidspec", "video", "generate", "A fox", "a.mp4"),
            *("--gateway", "openai", "--base-url", mock.base_url, "--api-key", "k"),
        ]
        with subprocess.Popen(
            command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            for _ in range(600):
                if mock.paid_calls:
                    break
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=30)[1]

    assert process.returncode == 130
    assert "vidspec video download video_" in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_nothing_answers_and_a_refused_key_come_with_a_way_out(tmp_path: Path) -> None:
    at = ("--gateway", "openai", "--api-key", "wrong", "--base-url")
    alone = vidspec("video", "generate", "A fox", tmp_path / "a.mp4", *at, "http://127.0.0.1:9/v1")
    assert "Nothing was sent." in alone.stderr
    with running("openai", api_key="right") as mock:
        refused = vidspec("video", "generate", "A fox", tmp_path / "a.mp4", *at, mock.base_url)
    assert "--api-key" in refused.stderr
