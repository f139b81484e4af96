"""The option ``--gateway``: a gateway that the specification describes, instead of a dialect's name."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidspec.errors import UsageError

if TYPE_CHECKING:
    from vidspec.contract import Gateway

gateway_option = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="A gateway that is described (vidspec list gateways), for its dialect."
    ),
]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is spoken to; without a described gateway there is only the dialect's name."""

    dialect: str
    gateway: "Gateway | None" = None

    @property
    def base_url(self) -> str | None:
        """Where the gateway is if nobody says otherwise."""
        return self.gateway.base_url if self.gateway else None


def spoken(gateway: str | None, dialect: str | None, spec: Path | None) -> Speaker:
    """Return who is spoken to; raise UsageError where neither is named, or both and they do not agree."""
    from vidspec.contract import load_gateways

    if gateway is None:
        if dialect is None:
            message = "a dialect is missing"
            raise UsageError(message, hint="Give --dialect NAME or --gateway NAME.")
        return Speaker(dialect)
    found = load_gateways(spec, [gateway])[gateway]
    if dialect not in {None, found.published.name}:
        message = f"{gateway} speaks {found.published.name}, not {dialect}"
        raise UsageError(message)
    return Speaker(found.published.name, found)
