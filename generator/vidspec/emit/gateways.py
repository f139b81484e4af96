"""Which gateways are emitted, and under which names.

A gateway's module is its name with ``_`` for ``-``, so the one can always be told from the other.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vidspec.emit.manifest import Part
from vidspec.errors import UsageError

if TYPE_CHECKING:
    # Nothing of it is needed when nothing has changed.
    from vidspec.contract.model import Dialect, Gateway

_FOLDER = "_gateways/"
_NAME = re.compile(r"[a-z][a-z0-9-]*")


def speakers(dialect: "Dialect", gateways: "Mapping[str, Gateway]") -> "tuple[Gateway, ...]":
    """Return the gateways that speak ``dialect``, by name."""
    found = {name: g for name, g in gateways.items() if g.published.name == dialect.name}
    return tuple(found[name] for name in sorted(found))


def gateway_path(name: str) -> str:
    """Return the path of a gateway's module in the package of the clients; raises UsageError for a name that is none."""
    if not _NAME.fullmatch(name):
        message = f"{name!r} is not a gateway's name: small letters, digits and '-' only"
        raise UsageError(message)
    return f"{_FOLDER}{name.replace('-', '_')}.py"


def emitted_gateways(parts: Mapping[str, Part]) -> list[str]:
    """Return the names of the gateways whose modules are in ``parts``."""
    stems = (
        path.partition(f"/{_FOLDER}")[2].removesuffix(".py").replace("_", "-")
        for part in parts.values()
        for path in part.files
        if f"/{_FOLDER}" in path
    )
    return [name for name in stems if _NAME.fullmatch(name)]
