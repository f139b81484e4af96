"""``python -m bench``: measure the parts named (all by default), print a table, exit 0."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.figures import PARTS, Figure, as_json, table


def main() -> int:
    """Measure, print, and write the JSON if a file is named."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one load run")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))} (there are: {', '.join(PARTS)})")
    figures: list[Figure] = []
    for part in asked.parts or PARTS:
        print(f"{part} …", file=sys.stderr, flush=True)
        measure: Callable[[float], list[Figure]] = import_module(f"bench.part_{part}").measure
        figures += measure(asked.seconds)
    print(table(figures))
    if asked.json is not None:
        asked.json.write_text(as_json(figures))
    missed = [figure for figure in figures if figure.met is False]
    return int(asked.strict and bool(missed))


if __name__ == "__main__":
    sys.exit(main())
