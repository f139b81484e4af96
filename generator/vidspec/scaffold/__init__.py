"""A new dialect to begin from: a complete document under another name."""

import re
from pathlib import Path
from typing import Final

from vidspec.errors import UsageError

#: What a dialect may be called: it becomes a module and a folder.
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
_TEMPLATE: Final = Path(__file__).parent / "dialect.yaml"


def new_dialect(name: str, root: Path) -> Path:
    """Write the document of a new dialect below the specification folder ``root``; return its path.

    Raises UsageError for a name that cannot be one, and where there is such a dialect already.
    """
    if not _NAME.match(name):
        message = f"'{name}' is no name for a dialect (small letters, digits and '-')"
        raise UsageError(message)
    path = root / "dialects" / name / "openapi.yaml"
    words = {
        "NAME": name,
        "TITLE": name.replace("-", " ").title(),
        "HOST": name,
        "ENV": name.replace("-", "_").upper(),
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = f"{path} is there already"
        raise UsageError(message, hint="Nothing was written.") from error
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise UsageError(message) from error
    return path
