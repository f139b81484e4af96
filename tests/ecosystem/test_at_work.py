"""Clients that other generators make of our documents do their work: create, poll, download, against the mock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ecosystem.tools import go_module, npm_tool, oapi_codegen, run
from vidspec.mock import running

pytestmark = pytest.mark.ecosystem
PROGRAMS = Path(__file__).parent / "at_work"
DONE = "completed ftyp"


def bundle(dialect: str, folder: Path) -> Path:
    """Write the document of a dialect."""
    document = folder / f"{dialect}.json"
    command = [sys.executable, "-m", "vidspec", "bundle", dialect, "--format", "json"]
    subprocess.run([*command, "--output", str(document)], check=True)
    return document


def done(*command: str | Path, cwd: Path) -> str:
    """Return what a command says that succeeds."""
    ended = run(*command, cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize(("program", "dialect"), [("hey", "openai"), ("fetch", "openrouter")])
def test_typescript(program: str, dialect: str, tmp_path: Path) -> None:
    """Strictly typed, and at run time."""
    document = bundle(dialect, tmp_path)
    (tmp_path / "node_modules").symlink_to(Path(os.environ["VIDSPEC_NPM"], "node_modules"))
    shutil.copy(PROGRAMS / f"{program}.ts", tmp_path)
    if program == "hey":
        client = ["-c", "@hey-api/client-fetch"]
        done(npm_tool("openapi-ts"), "-i", document, "-o", "sdk", *client, cwd=tmp_path)
    else:
        done(npm_tool("openapi-typescript"), document, "-o", "types.ts", cwd=tmp_path)
    done(
        npm_tool("tsc"), "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022",
        "--module", "esnext", "--moduleResolution", "bundler",
        "--lib", "es2022,dom,dom.iterable", f"{program}.ts", cwd=tmp_path,
    )  # fmt: skip
    done(
        npm_tool("esbuild"), f"{program}.ts", "--bundle", "--platform=node", "--format=esm",
        "--outfile=program.mjs", cwd=tmp_path,
    )  # fmt: skip
    with running(dialect, job_seconds=0.3) as gateway:
        told = done("node", "program.mjs", gateway.base_url, cwd=tmp_path)
        wrong = [entry.rule for entry in gateway.journal if not entry.valid]

    assert (told.strip(), wrong) == (DONE, [])


def test_go(tmp_path: Path) -> None:
    """The client of oapi-codegen, for two dialects."""
    go_module(tmp_path)
    for dialect in ("openai", "openrouter"):
        assert oapi_codegen(bundle(dialect, tmp_path), tmp_path, dialect) == []
    shutil.copy(PROGRAMS / "main.go", tmp_path)
    with (
        running("openai", job_seconds=0.3) as one,
        running("openrouter", job_seconds=0.3) as other,
    ):
        told = done("go", "run", ".", one.base_url, other.base_url, cwd=tmp_path)

    assert told.split("\n")[:2] == [DONE, DONE]
