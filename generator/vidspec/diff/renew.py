"""Writing a draft into a folder of the user's: one that somebody has worked on since is never written over.

The first line of each file holds a digest of the rest; a file for which it does not hold belongs to whoever edited it.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vidspec.errors import UsageError

_MARK: Final = "# Drafted by vidspec adopt, which renews it as long as nobody has edited it: "


def renew_draft(files: Mapping[str, str], output: Path, former: frozenset[str]) -> list[Path]:
    """Write the draft's files (name → text) below ``output``; return what was written.

    Of the names in ``former`` those that the draft does not have any more are deleted. Raises UsageError, having
    changed nothing, when a file that is in the way was edited or never was a draft.
    """
    theirs = [name for name in sorted({*files, *former}) if not _is_ours(output / name, files)]
    if theirs:
        message = f"edited since it was drafted, or no draft, so left alone: {', '.join(theirs)} in {output}"
        hint = (
            "Draft into another folder with --output and compare the two, or move your files away."
        )
        raise UsageError(message, hint=hint)
    output.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in files.items():
        partial = output / f"{name}.part"
        partial.write_text(_signed(text), encoding="utf-8")
        written.append(partial.replace(output / name))
    for name in former - files.keys():
        (output / name).unlink(missing_ok=True)
    return written


def _is_ours(path: Path, files: Mapping[str, str]) -> bool:
    """Say whether nothing of anybody's is lost when ``path`` is written: it is not there, a draft, or the same text."""
    if not path.exists():
        return True
    try:
        # Line ends are read as one: version control may have changed them.
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    _, _, rest = text.partition("\n")
    return text in {_signed(rest), files.get(path.name)}


def _signed(text: str) -> str:
    return f"{_MARK}{hashlib.sha256(text.encode()).hexdigest()}\n{text}"
