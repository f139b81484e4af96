"""What a user may choose about our own emitter: the names of the packages, and templates of their own."""

import difflib
import keyword
from dataclasses import dataclass
from pathlib import Path

from vidspec.errors import UsageError
from vidspec.resources import template_root


@dataclass(frozen=True, slots=True)
class Settings:
    """How our own emitter writes. Raises UsageError for names and folders that cannot be."""

    #: The package of the clients; None: no clients are emitted.
    client: str | None = "vidspec_client"
    #: The package of the server stubs; None: no stubs are emitted.
    server: str | None = "vidspec_server"
    #: A folder whose templates win over ours of the same name.
    templates: Path | None = None

    def __post_init__(self) -> None:
        for name in self.packages:
            if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
                message = f"{name!r} cannot be the name of a Python package"
                raise UsageError(message)
        if len({*self.packages}) != 2 - (None in (self.client, self.server)):
            message = f"clients and servers cannot both be the package {self.client!r}"
            raise UsageError(message)
        if self.templates is not None:
            _hold_names(self.templates)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that are emitted."""
        return tuple(name for name in (self.client, self.server) if name is not None)

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where templates are looked for, in this order."""
        return (template_root(),) if self.templates is None else (self.templates, template_root())


def _hold_names(folder: Path) -> None:
    """Refuse a template that would never be read; those in the folder itself are for the others to include."""
    ours = {p.relative_to(template_root()).as_posix() for p in template_root().rglob("*.jinja")}
    for path in sorted(folder.rglob("*.jinja")):
        name = path.relative_to(folder).as_posix()
        if "/" in name and name not in ours:
            close = difflib.get_close_matches(name, ours, n=1)
            message = f"{path}: vidspec has no template {name!r} that this could replace"
            hint = (
                f"Did you mean {close[0]}?" if close else "What others include stands at the top."
            )
            raise UsageError(message, hint=hint)
