"""The command as a process: what stands in its way is said in a sentence, and it ends when it is told to."""

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from vidspec.mock import running

from .process import alive, begun

KEY = {"authorization": "Bearer any"}
BODY = {"prompt": "a kite", "model": "sora-2"}


def said(*words: object) -> tuple[int, str]:
    """Run the command to its end; return its exit code and what it said of errors."""
    done = subprocess.run(
        [sys.executable, "-m", "vidspec", "mock", *map(str, words)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def filled(path: Path) -> None:
    """Make a store that holds a job."""
    with alive("openai", "--store", path) as url:
        httpx2.post(f"{url}/videos", json=BODY, headers=KEY).raise_for_status()


def changed(text: str) -> Callable[[Path], None]:
    """Return what changes a store by a statement."""

    def change(path: Path) -> None:
        with sqlite3.connect(path) as file:
            file.execute(text)
        file.close()

    return change


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(changed("ALTER TABLE kept DROP COLUMN offset"), "no such column", id="table"),
        pytest.param(changed("UPDATE kept SET value = '{'"), "JSONDecodeError", id="text"),
        pytest.param(changed("UPDATE kept SET value = '{\"object\": \"os:system\"}'"), "unknown", id="kind"),
        pytest.param(
            changed("UPDATE kept SET value = replace(value, '\"surface\"', '\"surfeit\"')"), "without surface", id="field"
        ),
        pytest.param(changed("UPDATE kept SET offset = 'soon'"), "TypeError", id="offset"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), "cannot", id="cut"),
    ],
)  # fmt: skip
def test_damaged_store_is_told_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """A store that no mock has written, or that lost something, is refused as wrong usage."""
    path = tmp_path / "jobs.sqlite"
    filled(path)
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    file.close()
    spoil(path)

    code, text = said("openai", "--port", "0", "--store", path)
    assert (code, "Traceback" in text) == (2, False), text
    assert why in text


def test_store_of_an_older_mock_is_taken_over(tmp_path: Path) -> None:
    """What it holds that is worked out now is passed over; its jobs are there."""
    path = tmp_path / "jobs.sqlite"
    filled(path)
    changed("UPDATE kept SET value = json_set(value, '$.has.clip', 'old') WHERE kind = 'job'")(path)
    with alive("openai", "--store", path) as url:
        (job,) = httpx2.get(f"{url}/videos", headers=KEY).json()["data"]
    assert job["object"] == "video"


def test_store_of_another_dialect_is_left_alone(tmp_path: Path) -> None:
    """Jobs of a dialect that is not played are neither shown to its callers nor lost."""
    path = tmp_path / "jobs.sqlite"
    filled(path)
    with alive("kling", "--store", path) as url:
        listed = httpx2.get(f"{url}/v1/videos/text2video", headers=KEY).json()
        assert listed["data"] == []
        (job,) = httpx2.get(f"{url}/_vidspec/jobs").json()
        assert job["dialect"] == "openai"
    with alive("openai", "--store", path) as url:
        assert len(httpx2.get(f"{url}/videos", headers=KEY).json()["data"]) == 1


def test_two_mocks_do_not_share_a_store(tmp_path: Path) -> None:
    """The second is told that another has it; the first goes on."""
    path = tmp_path / "jobs.sqlite"
    with alive("openai", "--store", path) as url:
        code, text = said("openai", "--port", "0", "--store", path)
        assert (code, "locked" in text) == (2, True)
        assert httpx2.post(f"{url}/videos", json=BODY, headers=KEY).status_code == 200


def test_what_the_clock_has_ended_stays_ended(tmp_path: Path) -> None:
    """A job that a turned clock has brought to its end has ended after a restart too."""
    path = tmp_path / "jobs.sqlite"
    with alive("openai", "--store", path, "--job-seconds", 3600) as url:
        job = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["id"]
        turned = url.removesuffix("/v1") + "/_vidspec/clock"
        httpx2.post(turned, json={"advance": "1d"}).raise_for_status()
        new = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()
    with alive("openai", "--store", path, "--job-seconds", 3600) as url:
        assert httpx2.get(f"{url}/videos/{job}", headers=KEY).json()["status"] == "completed"
        again = httpx2.get(f"{url}/videos/{new['id']}", headers=KEY).json()
        assert (again["status"], again["created_at"]) == ("queued", new["created_at"])


def test_a_clock_that_stands_still_stands_still_after_a_restart(tmp_path: Path) -> None:
    """Frozen, advanced and killed: it stands at the same moment, and what was under way is."""
    path = tmp_path / "jobs.sqlite"
    words = "openai", "--store", path, "--job-seconds", 0.3
    with alive(*words) as url:
        clock = url.removesuffix("/v1") + "/_vidspec/clock"
        httpx2.post(clock, json={"freeze": True, "advance": "1h"}).raise_for_status()
        job = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["id"]
        then = httpx2.get(clock).json()
    time.sleep(0.4)
    with alive(*words) as url:
        clock = url.removesuffix("/v1") + "/_vidspec/clock"
        assert httpx2.get(clock).json() == then
        assert httpx2.get(f"{url}/videos/{job}", headers=KEY).json()["status"] == "queued"
        httpx2.post(clock, json={"freeze": False}).raise_for_status()
        time.sleep(0.4)
        assert httpx2.get(f"{url}/videos/{job}", headers=KEY).json()["status"] == "completed"
        went = httpx2.post(f"{url}/videos", json=BODY, headers=KEY).json()["created_at"]
    with alive(*words) as url:
        again = httpx2.get(url.removesuffix("/v1") + "/_vidspec/clock").json()
        assert (again["frozen"], 0 <= again["now"] - went < 60) == (False, True)


@pytest.mark.parametrize("turn", ["advance", "freeze"])
def test_a_clock_turned_in_python_is_kept(tmp_path: Path, turn: str) -> None:
    path = tmp_path / "jobs.sqlite"
    with running("openai", store=path, job_seconds=3600) as gateway:
        made = httpx2.post(f"{gateway.base_url}/videos", json=BODY, headers=KEY).json()["id"]
        if turn == "freeze":
            gateway.clock.freeze()
        gateway.clock.advance(86400)
        then = gateway.clock.wall()
    with running("openai", store=path, job_seconds=3600) as gateway:
        assert gateway.clock.frozen == (turn == "freeze")
        assert 0 <= gateway.clock.wall() - then < (0.001 if turn == "freeze" else 30)
        shown = httpx2.get(f"{gateway.base_url}/videos/{made}", headers=KEY).json()
        assert shown["status"] == "completed"


@pytest.mark.parametrize(
    ("words", "message", "known"),
    [
        (["kling"], "kling has no word for 'expired'", "completed, failed, in_progress, queued"),
        (["openrouter", "openai"], "openai has no word for 'expired'", "completed, failed"),
    ],
)
def test_a_script_that_cannot_be_said_is_refused_at_the_start(
    words: list[str], message: str, known: str
) -> None:
    """With the words that there are; a dialect that has the word plays it."""
    code, text = said(*words, "--port", "0", "--script", "queued, expired")

    text = " ".join(text.split())
    assert (code, message in text, known in text, "Traceback" in text) == (2, True, True, False), (
        text
    )


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_port_that_is_none_is_told(port: str) -> None:
    """No port beyond 65535."""
    code, text = said("openai", "--port", port)

    assert (code, "Traceback" in text) == (2, False), text


def test_ctrl_c_cuts_off_whoever_is_connected_without_a_word(tmp_path: Path) -> None:
    """An upload under way and a reply that never comes end with the process, and are no failures of it."""
    errors = tmp_path / "errors"
    with errors.open("w") as file:
        process, url = begun("openai", errors=file)
        parts = urlsplit(url)
        head = f"host: {parts.netloc}\r\nauthorization: Bearer a\r\n"
        with (
            socket.create_connection((parts.hostname, parts.port)) as upload,
            socket.create_connection((parts.hostname, parts.port)) as stalled,
        ):
            upload.sendall(
                f"POST /v1/videos HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{{".encode()
            )
            stalled.sendall(
                f"GET /v1/videos HTTP/1.1\r\n{head}x-vidspec-fault: stall=before\r\n\r\n".encode()
            )
            httpx2.get(f"{url}/videos", headers=KEY)
            process.send_signal(signal.SIGINT)
            code = process.wait(20)
    text = errors.read_text()

    assert code == 0
    assert "Traceback" not in text
    assert "ERROR" not in text
    assert "operations covered" in text
