"""What the example emitter writes is TypeScript, for every dialect, and says what the messages are.

``VIDSPEC_NPM`` names the folder in which the ``ecosystem`` session has installed the tools.
"""

import subprocess
from pathlib import Path

import pytest

from ecosystem.tools import npm_tool
from vidspec.contract import dialect_names, load_contract
from vidspec.emit import find_emitter

pytestmark = pytest.mark.ecosystem
USE = """
import type {{ Operations }} from "./openai";

type Job = Operations["GetVideo"]["replies"]["200"]["application/json"];
export const later = (job: Job): boolean => job.status === "queued" || job.status === "elsewhere";
export const seen = (job: Job): {type} => job.id;
"""


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("types")
    # The session has installed the example, so it is found as any other distribution's emitter.
    for name, content in find_emitter("typescript")(load_contract()).items():
        (folder / name).write_bytes(content)
    return folder


def compiled(folder: Path, *files: str) -> str:
    command = [npm_tool("tsc"), "--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom"]
    done = subprocess.run(
        [*command, *files], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", dialect_names())
def test_a_dialect_compiles(name: str, types: Path) -> None:
    assert "" == compiled(types, f"{name}.ts")


def test_the_types_say_what_messages_are(types: Path) -> None:
    """A right use compiles, a wrong one does not."""
    (types / "right.ts").write_text(USE.format(type="string"))
    (types / "wrong.ts").write_text(USE.format(type="number"))

    assert "" == compiled(types, "right.ts")
    assert "'string' is not assignable to type 'number'" in compiled(types, "wrong.ts")
