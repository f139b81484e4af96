"""Who is played: dialects and gateways by name, in the published or the observed profile."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from vidspec.contract import dialect_names, gateway_names, load_dialects, load_gateways
from vidspec.contract.model import Dialect
from vidspec.errors import UsageError

Profile: TypeAlias = Literal["published", "observed"]


def speakers(
    names: Sequence[str], profile: Profile = "published", root: Path | None = None
) -> dict[str, Dialect]:
    """Return, by name, what each of these dialects or gateways speaks in that profile.

    A dialect is observed at the gateway of its own name; where there is none, nothing else than the
    published text is known. Raises UsageError for an unknown name, SpecError for a broken specification.
    """
    dialects, gateways = dialect_names(root), gateway_names(root)
    unknown = [name for name in names if name not in {*dialects, *gateways}]
    if unknown or not names:
        known = ", ".join(sorted({*dialects, *gateways}))
        message = (
            f"no such dialect or gateway: {', '.join(unknown)} (there are: {known})"
            if unknown
            else f"name what to play: {known}"
        )
        raise UsageError(message)
    plain = [n for n in names if n in dialects and (profile == "published" or n not in gateways)]
    read = load_dialects(root, plain)
    found = load_gateways(root, [name for name in names if name not in plain])
    return {n: read[n] if n in read else found[n].profile(profile) for n in names}
