"""The installed wheel at work outside the checkout: ``python outside.py SPEC LONELY_PYTHON`` in an empty folder.

``SPEC`` is somebody's own specification (the toy), ``LONELY_PYTHON`` an environment without vidspec, into which the
emitted client is installed alone. Imports the standard library only; ends with the first thing that is not so.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

VIDSPEC = Path(sys.executable).parent / "vidspec"
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "my-client"
version = "1"
dependencies = ["httpx2", "pydantic"]

[tool.hatch.build.targets.wheel]
packages = ["my_client"]
"""
JOURNEY = """
import importlib.util, sys
from my_client.toy import Client

assert importlib.util.find_spec("vidspec") is None, "vidspec is here"
with Client(api_key="a-key", base_url=sys.argv[1]) as client:
    made = client.make_clip(words="A paper boat on a puddle", length=2)
    seen = client.wait(clip=made.clip, interval=0.05, timeout=60)
    client.download(seen.job)[0].save("boat.mp4")
print(seen.job.state)
"""


def run(*command: str | Path, code: int = 0) -> str:
    """Run a command that must end with ``code``; return what it says."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True, text=True, timeout=600, check=False, env=environment,
    )  # fmt: skip
    said = f"{done.stdout}{done.stderr}"
    if done.returncode != code or "Traceback" in said:
        print(f"{' '.join(map(str, command))}: exit {done.returncode}\n{said}")
        raise SystemExit(1)
    print(f"ok: {' '.join(map(str, command[1:]))[:90]}")
    return said


@contextlib.contextmanager
def mock(*words: str) -> Iterator[str]:
    """Serve ``vidspec mock`` and give its base URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    process = subprocess.Popen([VIDSPEC, "mock", *words, "--port", str(port)])
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def client_alone(python: str, base_url: str) -> None:
    """Install the emitted client where the toolkit is not, and make a video."""
    package = Path("alone")
    shutil.copytree("out/my_client", package / "my_client")
    (package / "pyproject.toml").write_text(PYPROJECT)
    run(python, "-m", "pip", "install", "-q", "./alone")
    assert run(python, "-c", JOURNEY, base_url).strip() == "completed"
    assert Path("boat.mp4").read_bytes()[4:8] == b"ftyp"


def main(spec: str, lonely: str) -> None:
    """Do everything that the wheel promises."""
    run(VIDSPEC, "--version")
    run(VIDSPEC, "lint")
    assert "openai" in run(VIDSPEC, "list", "dialects")
    run(VIDSPEC, "demo", "--output", "demo", "--dialect", "openai")
    shutil.copytree(spec, "my")
    names = ("--spec", "my", "--package", "my_client", "--server-package", "my_server")
    run(VIDSPEC, "generate", *names, "--output", "out")
    run(VIDSPEC, "generate", *names, "--output", "out", "--check")
    run(VIDSPEC, "bundle", "toy", "--spec", "my", "--output", "toy.yaml")
    shutil.copytree("my", "mine")
    path = Path("mine/dialects/toy/openapi.yaml")
    path.write_text(path.read_text().replace("description: How long", "description: How very long"))
    run(VIDSPEC, "diff", "my", "mine")
    run(VIDSPEC, "adopt", "toy.yaml", "--spec", "my", "--dialect", "toy", "--output", "draft")
    with mock("toy", "--spec", "my", "--job-seconds", "0.3") as url:
        run(VIDSPEC, "check", f"{url}/api", "--spec", "my", "--dialect", "toy",
            "--api-key", "a-key", "--mode", "smoke")  # fmt: skip
        client_alone(lonely, f"{url}/api")
    print("the wheel does what it says")


if __name__ == "__main__":
    main(*sys.argv[1:])
