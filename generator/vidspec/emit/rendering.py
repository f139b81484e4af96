"""Rendering a template by name: a user's own first, then ours; a mistake in a user's is told with its place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from vidspec.emit.text import environment
from vidspec.errors import UsageError


class Templates:
    """The templates of some folders, the first of them winning."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Look in ``folders`` in this order; the last holds ours."""
        self._environment = environment(*folders)
        self._users = folders[:-1]

    def render(self, name: str, /, **values: Any) -> str:
        """Return the text of the template ``name``; raise UsageError with file:line for a mistake in a user's."""
        try:
            return self._environment.get_template(name).render(**values)
        except Exception as error:
            place = self._place(error)
            if place is None:
                raise
            message = f"{place}: {error}"
            raise UsageError(message) from error

    def _place(self, error: Exception) -> str | None:
        """Return ``file:line`` of the user's template in which ``error`` arose, None if it is one of ours."""
        if isinstance(error, jinja2.TemplateSyntaxError):
            file, line = error.filename or "", error.lineno
        else:
            # Jinja gives its frames the names and lines of the templates.
            trace, frames = error.__traceback__, []
            while trace is not None:
                frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
                trace = trace.tb_next
            shown = [f for f in frames if f[0].endswith(".jinja")]
            file, line = shown[-1] if shown else ("", 0)
        theirs = any(Path(file).is_relative_to(folder) for folder in self._users)
        return f"{file}:{line}" if theirs else None
