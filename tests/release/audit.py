"""``python tests/release/audit.py``: does the advisory service know of a weakness in any pinned dependency?

Exit 0: it was asked about each and knows of none; 1: it knows of some, or does not know a package; 2: it could not be asked.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
COMMAND = (
    sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json",
)  # fmt: skip
UNREACHABLE = "the advisory service could not be reached: no dependency was audited"


def judge(answer: str, talk: str) -> tuple[int, list[str]]:
    """Return the exit code, and the lines that tell why, for what pip-audit wrote to stdout and to stderr."""
    try:
        asked: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, LookupError, TypeError):
        # It ends in a traceback when it has no connection.
        last = (talk.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return 2, [UNREACHABLE, f"  {last}"]
    unknown = [d for d in asked if "skip_reason" in d]
    if len(unknown) == len(asked):
        # What does not know a single one is not the service: a mirror, or a page of somebody's proxy.
        reason = unknown[0]["skip_reason"] if unknown else "nothing was asked about"
        return 2, [UNREACHABLE, f"  what answered in its place knows no package: {reason}"]
    lines = [f"not audited: {d['name']}: {d['skip_reason']}" for d in unknown]
    lines += [
        f"weak: {d['name']} {d['version']}: {weak['id']} (better from {', '.join(weak['fix_versions']) or 'no version on'})"
        for d in asked
        for weak in d.get("vulns", ())
    ]
    return (1, lines) if lines else (0, [f"{len(asked)} dependencies: no known weakness"])


def main(pins: Path = ROOT / "constraints.txt") -> int:
    """Ask about everything that ``pins`` lists, print the answer, and return the exit code."""
    done = subprocess.run([*COMMAND, "-r", str(pins)], capture_output=True, text=True, check=False)
    code, lines = judge(done.stdout, done.stderr)
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
