"""``vidspec generate`` as a person meets it: what differs is shown, what changes is followed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.test_commands import vidspec
from vidspec.cli.watching import changes
from vidspec.emit.changes import IN_ALL, PER_FILE, changed_lines
from vidspec.emit.tree import Drift

TOY = Path(__file__).parent.parent / "cases" / "toy"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY, tmp_path / "my"))


def test_a_check_shows_the_lines_and_the_command_that_repairs(spec: Path, tmp_path: Path) -> None:
    """Exit 1, a unified diff, and the same command without ``--check``; nothing is written."""
    asked = ("generate", "--spec", "my", "--package", "my_client", "--output", "out")
    assert 0 == vidspec(*asked, cwd=tmp_path).returncode
    page = tmp_path / "out/my_client/toy/__init__.py"
    page.write_text(page.read_text().replace("Client of Toy", "Client of Joy"))

    done = vidspec(*asked, "--check", cwd=tmp_path)

    assert 1 == done.returncode
    assert "changed: my_client/toy/__init__.py" in done.stdout
    assert "--- a/my_client/toy/__init__.py\n+++ b/my_client/toy/__init__.py" in done.stdout
    assert '\n-"""Client of Joy:' in done.stdout
    assert '\n+"""Client of Toy:' in done.stdout
    repair = "vidspec generate --spec my --package my_client --output out'"
    assert f"drift: run '{repair}" in done.stderr
    assert "Client of Joy" in page.read_text()
    assert 0 == vidspec(*asked, cwd=tmp_path).returncode
    assert 0 == vidspec(*asked, "--check", cwd=tmp_path).returncode


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    many = {f"p/{n}.py": b"x\n" * 500 for n in range(20)}

    lines = list(changed_lines(many, tmp_path, Drift(missing=tuple(many))))

    assert IN_ALL < len(lines) < IN_ALL + 20
    assert "… and more of p/0.py" == lines[PER_FILE]
    assert "… and 13 more files" == lines[-1]


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff")
    drift = Drift(changed=("a.bin",), orphaned=())

    assert ["a.bin: the bytes differ"] == list(changed_lines({"a.bin": b"\0"}, tmp_path, drift))


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for words in (
        ("--watch", "--check"),
        ("--package", "not-a-name"),
        ("--emitter", "markdown", "--output", "x", "--package", "mine"),
        ("--templates", "nowhere"),
    ):
        done = vidspec("generate", *words, cwd=tmp_path)

        assert 2 == done.returncode, words
    assert not list(tmp_path.iterdir())


@pytest.fixture
def watching(spec: Path, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-u", "-m", "vidspec", "generate", "--watch", "--spec", "my"]
    with (
        (tmp_path / "said").open("w") as said,
        subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said, text=True) as process,
    ):
        yield process
        process.kill()


def until(said: Callable[[], bool]) -> None:
    """Wait for ``said`` under a generous deadline."""
    deadline = time.monotonic() + 60
    while not said():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_watching_follows_survives_and_ends(
    watching: "subprocess.Popen[str]", spec: Path, tmp_path: Path
) -> None:
    """A change is emitted, a mistake is told with its place and waited out, Ctrl-C ends with exit 0."""
    output = tmp_path / "said"
    emitted = tmp_path / "generated/vidspec_client/toy/__init__.py"
    path = spec / "dialects/toy/openapi.yaml"
    sound = path.read_text()
    until(lambda: output.read_text().count("watching my") == 1)

    path.write_text(sound.replace("  title: Toy\n", "  title: Hoy\n"))
    until(lambda: output.read_text().count("watching my") == 2)
    assert "Client of Hoy" in emitted.read_text()
    path.write_text(sound.replace("broken: failed}", "broken: failed, lost: expired}"))
    until(lambda: output.read_text().count("watching my") == 3)
    assert "my/dialects/toy/openapi.yaml:42:85: [status-total]" in output.read_text()
    assert "Client of Hoy" in emitted.read_text()
    path.write_text(sound)
    until(lambda: output.read_text().count("watching my") == 4)
    assert "Client of Toy" in emitted.read_text()
    assert "changed: my/dialects/toy/openapi.yaml" in output.read_text()

    watching.send_signal(signal.SIGINT)
    assert 0 == watching.wait(30)
    assert output.read_text().endswith("stopped\n")
    assert "Traceback" not in output.read_text()


def test_changes_between_two_looks_are_seen(tmp_path: Path) -> None:
    """Also one made before the first look, and a file that has gone; a file that begins with a dot is nobody's."""
    (tmp_path / "a").write_text("1")
    found = changes([tmp_path], interval=0.01)
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("2")
    (tmp_path / ".b.swp").write_text("3")

    assert [tmp_path / "a", tmp_path / "b"] == next(found)
    time_before = (tmp_path / "b").stat().st_mtime_ns
    os.utime(tmp_path / "b", ns=(time_before + 1, time_before + 1))
    assert [tmp_path / "b"] == next(found)


def test_the_command_is_light() -> None:
    """Help needs no YAML, no templates, no tables: each would cost more than all of it."""
    code = (
        "import sys, vidspec.cli;"
        "print(*{'yaml', 'rich', 'jinja2', 'pydantic', 'hashlib', 'asyncio'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "\n" == done.stdout
