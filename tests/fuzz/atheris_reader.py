"""Coverage-guided fuzzing of the reader: ``nox -s fuzz`` runs it for a bounded time; a crash ends it with its input.

Any bytes in a file must give a value that JSON can say, or problems; nothing else, and soon.
"""

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["vidspec.document", "vidspec.source", "yaml"]):
    from vidspec.document.reading import read_file

#: Sound documents to begin from.
SEEDS = Path(__file__).parent.parent / "cases"
_FOLDER = Path(tempfile.mkdtemp())


def one_input(data: bytes) -> None:
    """Read these bytes; the first says whether they are a YAML or a JSON file."""
    path = _FOLDER / ("a.json" if data[:1] > b"\x7f" else "a.yaml")
    path.write_bytes(data[1:])
    source = read_file(path)
    for problem in source.problems:
        problem.render()
    if not source.problems:
        json.dumps(source.value)


def seeds(folder: Path) -> None:
    """Write the cases of the other tests as inputs."""
    for number, path in enumerate(sorted(SEEDS.rglob("*.yaml"))):
        (folder / str(number)).write_bytes(b"\x00" + path.read_bytes()[:4000])
    (folder / "json").write_bytes(b"\xff" + json.dumps({"a": ["\U0001f600", 1.5, None]}).encode())


if __name__ == "__main__":
    corpus = Path(tempfile.mkdtemp())
    seeds(corpus)
    flags = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=5000", *sys.argv[1:]]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], one_input)
    atheris.Fuzz()
