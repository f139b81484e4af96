"""``python -m mutation``: the whole matrix, or a part of it; exit 1 when the proof fails."""

import argparse
import json
import os
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from mutation.scoring import LEAST, Score, as_json, read_list, score, share_of
from mutation.trial import Trial, mutants
from mutation.workers import contract, trials


def main() -> int:
    """Run, print, write; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("--dialect", default="*", help="only these dialects (a glob)")
    parser.add_argument("--only", default="*", help="only these requirements (a glob)")
    parser.add_argument("--shard", metavar="N/M", help="only this part of the matrix")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the matrix as JSON")
    said = parser.parse_args()
    fitting = [
        mutant
        for mutant in mutants(contract())
        if fnmatchcase(mutant.dialect, said.dialect) and fnmatchcase(mutant.requirement, said.only)
    ]
    chosen = share_of(fitting, said.shard)
    began = time.monotonic()
    console = Console()
    done = []
    for trial in track(trials(chosen, said.workers), "mutants", len(chosen), console=console):
        done.append(trial)
        if trial.result != "killed":
            # Said at once: the whole takes minutes.
            console.print(_line(trial), soft_wrap=True)
    whole = said.shard is None and (said.dialect, said.only) == ("*", "*")
    found = score(done, read_list(), whole=whole)
    _show(found, console)
    console.print(f"{len(done)} mutants in {time.monotonic() - began:.0f} s")
    if said.json is not None:
        said.json.write_text(json.dumps(as_json(found), indent=1) + "\n")
    return 0 if found.good else 1


def _show(found: Score, console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("dialect", "mutants", "killed", "with others", "survived"):
        table.add_column(name, justify="left" if name == "dialect" else "right")
    for dialect in sorted({trial.mutant.dialect for trial in found.trials}):
        results = [t.result for t in found.trials if t.mutant.dialect == dialect]
        counts = [results.count(word) for word in ("killed", "with others", "survived")]
        table.add_row(dialect, *map(str, (len(results), *counts)))
    console.print(table)
    listed = [t for t in found.trials if t.result != "killed" and t not in found.unlisted]
    for title, some in (("listed", listed), ("NOT LISTED", found.unlisted)):
        for trial in some:
            console.print(f"{title}: {_line(trial)}", soft_wrap=True)
    for entry in found.stale:
        console.print(f"STALE: {entry.mutant} in {entry.dialect} is listed and fits no trial")
    console.print(f"killed by their own alone: {found.share:.1%} (at least {LEAST:.0%})")


def _line(trial: Trial) -> str:
    mutant, others = trial.mutant, ", ".join(trial.others) or "nobody else"
    return f"{mutant.dialect} {mutant.requirement}: {trial.result} (own verdict {trial.verdict}; {others})"


if __name__ == "__main__":
    sys.exit(main())
