"""A key reaches the command by its line, its environment, a file or a header, and nothing that comes out holds it."""

import base64
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from conformance.gateway import KEY, Gateway, serving
from vidspec.cli import main
from vidspec.conformance import Target
from vidspec.errors import UsageError

Monkeypatch = pytest.MonkeyPatch
Captured = pytest.CaptureFixture[str]
_CODES = {0, 1, 2, 4}
#: Quotes, slashes and blanks come out in other words: each of them is looked for.
_ODD = 's3cr3t/with"quote+and=more'
_ENDINGS = (".html", ".json", ".jsonl", ".md", ".sarif", ".txt", ".xml")

#: The way in → options, variables, and the secret.
_WAYS: dict[str, tuple[list[str], dict[str, str], str]] = {
    "option": (["--api-key", KEY], {}, KEY),
    "general variable": ([], {"VIDSPEC_API_KEY": KEY}, KEY),
    "the dialect's variable": ([], {"OPENAI_API_KEY": KEY}, KEY),
    "header": (
        ["--api-key", "other-key-0123", "--header", f"Authorization: Bearer {KEY}"],
        {},
        KEY,
    ),
    "odd header": (["--api-key", KEY, "--header", f"X-Tenant: {_ODD}"], {}, _ODD),
    "user in the url": (["--api-key", "other-key-0123"], {}, "us3r-p4ssw0rd-42"),
}


def _forms(secret: str) -> set[str]:
    plain = base64.b64encode(secret.encode()).decode()
    return {secret, quote(secret, safe=""), plain, secret.replace('"', '\\"')}


@pytest.mark.parametrize("habit", ["echo_key", ""])
@pytest.mark.parametrize("way", _WAYS)
def test_no_output_of_the_command_holds_the_secret(
    way: str, habit: str, tmp_path: Path, monkeypatch: Monkeypatch, capfd: Captured
) -> None:
    options, variables, secret = _WAYS[way]
    # The longer run once; the ways in differ before any request is sent.
    mode = "smoke" if way == "option" else "free"
    reports = [tmp_path / f"report{ending}" for ending in _ENDINGS]
    for path in reports:
        options = [*options, "--report", str(path)]
    gateway = Gateway(job_seconds=0.3, habits=frozenset({habit} - {""}))
    with serving(gateway.app()) as origin:
        base = origin.replace("//", f"//me:{secret}@") if "url" in way else origin
        line = ["check", f"{base}/v1", "--dialect", "openai", "--mode", mode, *options]
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        said = _in_a_process(line) if way == "option" else _here(line, monkeypatch, capfd)

    assert "Traceback" not in said
    outputs = {path.name: path.read_text() for path in reports} | {"terminal": said}
    for name, text in outputs.items():
        assert text, name
        assert not [form for form in _forms(secret) if form in text], name


@pytest.mark.parametrize(
    "line",
    [
        ["check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--api-key", KEY],
        ["check", "http://127.0.0.1:9/v1", "--dialect", "none", "--api-key", KEY],
        ["check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--api-key", KEY, "--dry-run"],
        ["check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--header", KEY],
        ["check", f"ftp://me:{KEY}@h/v1", "--dialect", "openai"],
        ["check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--header", f"x: {KEY}\x00"],
        ["check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--api-key", f"{KEY}\n"],
    ],
)
def test_no_complaint_holds_the_secret(
    line: list[str], monkeypatch: Monkeypatch, capfd: Captured
) -> None:
    if any("\x00" in part for part in line):
        line = [part.replace("\x00", "\r\nx: y") for part in line]
    said = _here(line, monkeypatch, capfd)

    assert KEY not in said
    assert "Traceback" not in said


def test_no_exception_shows_a_target_with_its_secrets() -> None:
    target = Target(f"http://me:{KEY}@h/v1", "openai", KEY, {"secret_key": KEY}, {"x": KEY})

    assert KEY not in repr(target)
    with pytest.raises(UsageError) as caught:
        Target(f"ftp://me:{KEY}@h/v1", "openai", KEY)
    assert KEY not in str(caught.value)


def _here(line: list[str], monkeypatch: Monkeypatch, capfd: Captured) -> str:
    """Run the command in this process, which takes no time to begin; an exception would be the test's."""
    monkeypatch.setattr(sys, "argv", ["vidspec", *line])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in _CODES
    return "".join(capfd.readouterr())


def _in_a_process(line: list[str]) -> str:
    """Run the command as its users do: whatever Python itself prints is there as well."""
    done = subprocess.run(
        [sys.executable, "-m", "vidspec", *line],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in _CODES
    return done.stdout + done.stderr
