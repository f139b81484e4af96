"""``vidspec generate`` beside other generators over the same documents, and how light the command is."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from bench.figures import Figure
from vidspec.contract import dialect_names
from vidspec.document import load_document
from vidspec.resources import spec_root

#: The first plain description.
_FIRST = re.compile(r"(description: )([A-Z])")
_PEERS = {
    "datamodel-code-generator": [
        sys.executable, "-m", "datamodel_code_generator", "--input-file-type", "openapi",
        "--output-model-type", "pydantic_v2.BaseModel", "--input", "{document}", "--output", "{out}.py",
    ],
    "openapi-python-client": [
        str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--meta", "none",
        "--path", "{document}", "--output-path", "{out}",
    ],
    "openapi-generator": [
        os.environ.get("VIDSPEC_OPENAPI_GENERATOR", "openapi-generator-cli"), "generate", "-g", "python",
        "-i", "{document}", "-o", "{out}",
    ],
}  # fmt: skip


def measure(_: float) -> list[Figure]:
    """Return processor times in seconds, the least of three runs each (peers: one), and their ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = Path(shutil.copytree(spec_root(), folder / "spec"))
        out = folder / "out"
        ours = ["-m", "vidspec", "generate", "--spec", str(spec), "--output", str(out)]
        cold = min(_cold(ours, out) for _ in range(3))
        middle, big = _middle_and_largest(spec)
        one, largest = (_changed(ours, spec, name) for name in (middle, big))
        schema = _changed(ours, spec, middle, after="\n  schemas:\n")
        again = min(_python(*ours) for _ in range(3))
        checked = min(_python(*ours, "--check") for _ in range(3))
        peers = _peers(folder)
    bare = min(_python("-c", "pass") for _ in range(5))
    helped = min(_python("-m", "vidspec", "--help") for _ in range(5)) - bare
    read, parsed = _reading()
    figures = [
        Figure(
            "generate", "all dialects, cold", cold, "s CPU", cold / spent, peer,
            "<= 1" if peer == "datamodel-code-generator" else "",
        )
        for peer, spent in peers.items()
    ]  # fmt: skip
    return [
        *figures,
        Figure("generate", "one dialect changed", one, "s CPU", one / cold, "cold", "<= 0.25"),
        Figure("generate", "one of its schemas changed", schema, "s CPU", schema / cold, "cold"),
        Figure("generate", "the largest changed", largest, "s CPU", largest / cold, "cold"),
        Figure("generate", "nothing changed", again, "s CPU", goal="<= 0.3"),
        Figure("generate", "nothing changed, --check", checked, "s CPU", goal="<= 0.3"),
        Figure("generate", "--help, over python -c pass", helped, "s CPU", goal="<= 0.15"),
        Figure(
            "generate", "a document of 140 KB read", read, "s CPU", read / parsed, "CSafeLoader"
        ),
    ]


def _reading() -> tuple[float, float]:
    """Return the seconds that a flat document takes to be read with its places, and those libyaml's loader takes."""
    word = {"type": "string", "description": "A word."}
    schema = json.dumps({"type": "object", "properties": {f"p{n}": word for n in range(20)}})
    body = "".join(f"    S{n}: {schema}\n" for n in range(100))
    head = (
        "openapi: 3.1.0\ninfo: {title: Words, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
    )
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "openapi.yaml"
        path.write_text(head + body)
        return (
            _least(lambda: load_document(path, root=path.parent, validate=False)),
            _least(lambda: yaml.load(path.read_text(), yaml.CSafeLoader)),
        )


def _least(deed: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        before = time.process_time()
        deed()
        times.append(time.process_time() - before)
    return min(times)


def _cold(ours: list[str], out: Path) -> float:
    shutil.rmtree(out, ignore_errors=True)
    return _python(*ours)


def _changed(ours: list[str], spec: Path, dialect: str, after: str = "") -> float:
    """Change the first description behind ``after`` three times; return the least time that it took to emit it."""
    path = spec / "dialects" / dialect / "openapi.yaml"
    times = []
    for number in range(3):
        text = path.read_text()
        head, mark, rest = text.partition(after) if after else ("", "", text)
        path.write_text(head + mark + _FIRST.sub(rf"\1Edit {number}. \2", rest, count=1))
        times.append(_python(*ours))
        path.write_text(text)
        _python(*ours)
    return min(times)


def _middle_and_largest(spec: Path) -> tuple[str, str]:
    size = {n: (spec / "dialects" / n / "openapi.yaml").stat().st_size for n in dialect_names(spec)}
    ordered = sorted(size, key=lambda name: size[name])
    return ordered[len(ordered) // 2], ordered[-1]


def _peers(folder: Path) -> dict[str, float]:
    """Return what each peer takes for all documents, one by one; one that refuses a document still took its time."""
    documents = {}
    for name in dialect_names():
        documents[name] = folder / f"{name}.json"
        _python(
            "-m", "vidspec", "bundle", name, "--format", "json", "--output", str(documents[name])
        )
    found = {}
    for peer, command in _PEERS.items():
        if shutil.which(command[0]) is None:
            print(f"{peer} is not installed: left out", file=sys.stderr)
            continue
        found[peer] = sum(
            _cpu(
                [w.format(document=path, out=folder / peer / name) for w in command], checked=False
            )
            for name, path in documents.items()
        )
    return found


def _python(*words: str) -> float:
    return _cpu([sys.executable, *words])


def _cpu(command: list[str], *, checked: bool = True) -> float:
    """Return the seconds of processor time that the command and its children took.

    Bytecode is kept, as it is wherever people run this; the environment of a build may say otherwise.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=checked, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
