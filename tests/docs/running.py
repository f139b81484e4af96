"""Runs the blocks of a guide in a folder, as a reader would: one after the other, servers in the background."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from docs.blocks import Block

#: Ports that guides name; each becomes a free one.
_PORT = re.compile(r"\b(80[0-9]{2})\b")
_SECONDS = 120


class Reader:
    """Somebody who follows a guide in ``folder``, with ``vidspec`` installed."""

    def __init__(self, folder: Path, *, path: list[str] | None = None) -> None:
        self.folder = folder
        self.servers: list[subprocess.Popen[bytes]] = []
        self.ports: dict[str, str] = {}
        self._home = folder / ".home"
        self._home.mkdir(parents=True)
        self._environment = _environment(self._home, path or sys.path)

    def follow(self, block: Block) -> None:
        """Do what one block says; raises AssertionError with its output if it does not end as it should."""
        text = _PORT.sub(lambda match: self._port(match[1]), block.text)
        where = f"line {block.line}:\n{text}"
        path = self.folder / block.value
        if block.how == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif block.how == "edit":
            _edit(path, text, where)
        elif block.how == "install":
            folder = _install(path)
            self._environment["PYTHONPATH"] = (
                f"{folder}{os.pathsep}{self._environment['PYTHONPATH']}"
            )
        elif block.how == "background":
            self._serve(text, where)
        elif block.how != "shown":
            self._run(block, text, where)

    def _serve(self, text: str, where: str) -> None:
        log = (self._home / f"{len(self.servers)}.log").open("wb")
        with log:
            self.servers.append(
                subprocess.Popen(
                    ["bash", "-ec", f"exec {text}"], cwd=self.folder, env=self._environment,
                    stdout=log, stderr=log,
                )
            )  # fmt: skip
        self._await(text, where)

    def _run(self, block: Block, text: str, where: str) -> None:
        python = block.language == "python"
        command = [sys.executable, "-"] if python else ["bash", "-e", "-o", "pipefail"]
        done = subprocess.run(
            command, input=text, cwd=self.folder, env=self._environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_SECONDS, check=False,
        )  # fmt: skip
        expected = int(block.value) if block.how == "exit" else 0
        assert done.returncode == expected, f"{where}\nended with {done.returncode}:\n{done.stdout}"

    def leave(self) -> None:
        """End the servers."""
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            server.wait(30)

    def _port(self, said: str) -> str:
        if said not in self.ports:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.ports[said] = str(free.getsockname()[1])
        return self.ports[said]

    def _await(self, text: str, where: str) -> None:
        port = next(port for port in self.ports.values() if port in text)
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            assert self.servers[-1].poll() is None, f"{where}\nended: {self._said()}"
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", int(port)), 1),
            ):
                return
            time.sleep(0.05)
        message = f"{where}\nnever listened: {self._said()}"
        raise AssertionError(message)

    def _said(self) -> str:
        return (self._home / f"{len(self.servers) - 1}.log").read_text()


def _edit(path: Path, text: str, where: str) -> None:
    lines = text.splitlines()
    old = "".join(line[1:] + "\n" for line in lines if not line.startswith("+"))
    new = "".join(line[1:] + "\n" for line in lines if not line.startswith("-"))
    before = path.read_text()
    assert before.count(old) == 1, f"{where}\nstands {before.count(old)} times in {path.name}"
    path.write_text(before.replace(old, new))


def _install(project: Path) -> Path:
    # What an installer leaves behind for importlib.metadata, without asking a registry for a build tool.
    said = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    source = project / "src"
    record = source / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n"
    )
    (record / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
            for group, points in said["entry-points"].items()
        )
    )
    return source


def _environment(home: Path, path: list[str]) -> dict[str, str]:
    # The commands of a guide are those of this interpreter, whether vidspec is installed or on the path.
    commands = home / "bin"
    commands.mkdir()
    for name, arguments in (("vidspec", "-m vidspec"), ("python3", ""), ("pytest", "-m pytest")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (commands / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(commands), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONUNBUFFERED": "1",
    }


@contextlib.contextmanager
def reader(folder: Path, *, path: list[str] | None = None) -> Iterator[Reader]:
    """Give a reader whose servers end with the block."""
    one = Reader(folder, path=path)
    try:
        yield one
    finally:
        one.leave()
