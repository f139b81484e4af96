"""Where the toolkit's own files lie: the specification, the copied runtimes, the templates.

In a wheel the specification is packaged as ``vidspec/_spec``; in a checkout it is the folder ``spec/``.
"""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def spec_root() -> Path:
    """Return the folder of the specification: the packaged one, else that of the checkout."""
    packaged = _PACKAGE / "_spec"
    return packaged if packaged.is_dir() else _PACKAGE.parent.parent / "spec"


def runtime_root(kind: Literal["client", "server"]) -> Path:
    """Return the folder of the runtime that is copied into the emitted clients or servers."""
    return _PACKAGE / "runtime" / kind


def template_root() -> Path:
    """Return the folder of the Jinja templates."""
    return _PACKAGE / "emit" / "templates"
