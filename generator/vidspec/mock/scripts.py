"""Which course a new job takes: by its model or for all, told at the start or while the mock runs."""

import fnmatch
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vidspec.contract.model import Dialect
from vidspec.document import load_yaml
from vidspec.errors import UsageError
from vidspec.mock.course import steps_of
from vidspec.mock.outcome import unsaid


class Scripts:
    """The courses of new jobs by pattern of their model (``*``: any); the newest that matches holds."""

    def __init__(
        self,
        scripts: Mapping[str, str] | None = None,
        dialects: Mapping[str, Dialect] | None = None,
    ) -> None:
        """Take what holds from the start; raise UsageError for a script that is none, or that the dialects cannot say."""
        self._first, self._dialects = dict(scripts or {}), dialects or {}
        self._now: dict[str, str] = {}
        self.reset()

    def set(self, script: str | None, model: str = "*") -> None:
        """Give new jobs of models that match the pattern this course (None: none of its own).

        Raises UsageError for a script that is none, or with a state that a dialect has no word for (of the
        jobs of some model it is enough that one dialect has: whose model it is nobody knows).
        """
        if script is not None:
            refusals = [unsaid(script, name, self._dialects[name]) for name in self._dialects]
            if (refusals and None not in refusals) or (model == "*" and any(refusals)):
                raise next(error for error in refusals if error is not None)
            steps_of(script)
        self._now.pop(model, None)
        if script is not None:
            self._now[model] = script

    def of(self, model: Any) -> str | None:
        """Return the course of a new job of that model, None if it goes by time as usual."""
        if not self._now:
            return None
        name = str(model or "")
        for pattern in reversed(self._now):
            if pattern != "*" and fnmatch.fnmatchcase(name, pattern):
                return self._now[pattern]
        return self._now.get("*")

    def told(self) -> Mapping[str, str]:
        """Return what holds now."""
        return dict(self._now)

    def reset(self) -> None:
        """Go back to what held at the start."""
        self._now = {}
        for model, script in self._first.items():
            self.set(script, model)


def read_scripts(texts: Iterable[str]) -> dict[str, str]:
    """Read what a command line gives: ``SCRIPT`` for all models, ``MODEL=SCRIPT``, or ``@FILE`` (YAML: model to script).

    Raises UsageError for a file that cannot be read or a script that is none.
    """
    found: dict[str, str] = {}
    for text in texts:
        if text.startswith("@"):
            found |= _read_file(Path(text[1:]))
            continue
        model, equals, script = text.partition("=")
        # An incident in a script has an equals sign of its own, and a quoted reason may have.
        of_model = equals and not set(model) & set(' ,!"')
        found |= {model: script} if of_model else {"*": text}
    for script in found.values():
        steps_of(script)
    return found


def _read_file(path: Path) -> dict[str, str]:
    try:
        value, _ = load_yaml(path)
    except OSError as error:
        message = f"cannot read the scripts in {path}: {error.strerror or error}"
        raise UsageError(message) from error
    if not isinstance(value, dict) or not all(isinstance(s, str) for s in value.values()):
        message = f'{path} holds no mapping from models ("*": any) to scripts'
        raise UsageError(message)
    return {str(model): script for model, script in value.items()}
