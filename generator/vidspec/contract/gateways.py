"""Reading ``spec/gateways/*.yaml``: who speaks which dialect, and how it parts from it."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from vidspec.contract.load import DialectReader
from vidspec.contract.meta import meta_problems
from vidspec.contract.model import Dialect, Gateway
from vidspec.document import apply_overlay, load_yaml
from vidspec.errors import SpecError, UsageError
from vidspec.resources import spec_root
from vidspec.source import Location, Problem


def gateway_names(root: Path | None = None) -> tuple[str, ...]:
    """Return the names of the gateways that the specification describes, in name order."""
    folder = (root or spec_root()) / "gateways"
    found = (p.name.removesuffix(".yaml") for p in folder.glob("*.yaml"))
    return tuple(sorted(name for name in found if not name.endswith(".overlay")))


def load_gateways(
    root: Path | None = None,
    names: Collection[str] | None = None,
    *,
    dialects: Collection[str] | None = None,
    lint: bool = False,
    reader: DialectReader | None = None,
) -> dict[str, Gateway]:
    """Read gateways with both of their profiles, by name; ``dialects`` leaves out those that speak another one.

    A ``reader`` shares the dialects that it reads with other callers.

    Raises SpecError with every problem found, UsageError for a gateway that does not exist.
    """
    base = root or spec_root()
    known = gateway_names(base)
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        message = f"no such gateway: {', '.join(unknown)} (there are: {', '.join(known)})"
        raise UsageError(message)
    reader = reader or DialectReader(base, lint=lint)
    found: dict[str, Gateway] = {}
    problems: list[Problem] = []
    for name in known if names is None else sorted(names):
        try:
            gateway = _read(base, reader, name, dialects)
            if gateway is not None:
                found[name] = gateway
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    return found


def _read(
    base: Path, reader: DialectReader, name: str, dialects: Collection[str] | None
) -> Gateway | None:
    said, locate = load_yaml(base / "gateways" / f"{name}.yaml")
    problems = meta_problems("gateway", said, locate) or _misfits(base, name, said, locate)
    if problems:
        raise SpecError(problems)
    if dialects is not None and said["dialect"] not in dialects:
        return None

    def profile(entry: Mapping[str, Any]) -> Dialect:
        overlay = entry.get("overlay")
        if overlay is None:
            return reader.dialect(said["dialect"])
        document = reader.document(said["dialect"])
        return reader.read(apply_overlay(document, base / "gateways" / overlay))

    return Gateway(
        name=name,
        title=said["title"],
        summary=said["summary"],
        base_url=said["base_url"],
        environment=dict(said["environment"]),
        published=profile(said["profiles"]["published"]),
        observed=profile(said["profiles"].get("observed", {})),
        source=said["source"],
    )


def _misfits(
    base: Path, name: str, said: Mapping[str, Any], locate: Callable[[str], Location]
) -> list[Problem]:
    problems = []
    if said["name"] != name:
        problems.append(
            Problem(
                rule="gateway-name",
                message=f"'{said['name']}' stands in {name}.yaml",
                location=locate("/name"),
            )
        )
    if not (base / "dialects" / said["dialect"] / "openapi.yaml").is_file():
        problems.append(
            Problem(
                rule="gateway-dialect",
                message=f"there is no dialect '{said['dialect']}'",
                location=locate("/dialect"),
            )
        )
    for profile, entry in said["profiles"].items():
        overlay = entry["overlay"]
        if overlay and not (base / "gateways" / overlay).is_file():
            problems.append(
                Problem(
                    rule="gateway-overlay",
                    message=f"there is no {overlay}",
                    location=locate(f"/profiles/{profile}/overlay"),
                )
            )
    return problems
