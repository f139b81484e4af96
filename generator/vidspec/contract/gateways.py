"""Reading ``spec/gateways/*.yaml``: who speaks which dialect, and how it parts from it."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from vidspec.contract.load import DialectReader, load_contract
from vidspec.contract.meta import meta_problems
from vidspec.contract.model import Contract, Dialect, Gateway
from vidspec.document import load_yaml
from vidspec.document.text import shown_path
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


def lint_specification(
    root: Path | None = None, dialects: Collection[str] | None = None
) -> tuple[Contract, dict[str, Gateway]]:
    """Read the specification, or these dialects of it and who speaks them, and hold all of it against every rule.

    Raises SpecError with every problem found, UsageError for a dialect that does not exist.
    """
    base = root or spec_root()
    reader = DialectReader(base, lint=True, thorough=True)
    problems = _unnamed_overlays(base) if dialects is None else []
    try:
        contract = load_contract(base, dialects, reader=reader)
    except SpecError as error:
        problems += error.problems
    try:
        gateways = load_gateways(base, dialects=dialects, reader=reader)
    except SpecError as error:
        problems += error.problems
    if problems:
        raise SpecError(problems)
    return contract, gateways


def _unnamed_overlays(base: Path) -> list[Problem]:
    """Return a problem for each overlay that no gateway names: nobody would ever read it."""
    named: set[str] = set()
    for name in gateway_names(base):
        # What is wrong with the file itself is told where it is read.
        with suppress(SpecError, AttributeError, KeyError, TypeError):
            profiles = load_yaml(base / "gateways" / f"{name}.yaml")[0]["profiles"]
            named |= {profile["overlay"] for profile in profiles.values()}
    return [
        Problem(
            rule="gateway-overlay",
            message=f"no gateway names {path.name}",
            location=Location(shown_path(path), 1, 1),
            hint="Name it in a profile of a gateway beside it, or delete it.",
        )
        for path in sorted((base / "gateways").glob("*.overlay.yaml"))
        if path.name not in named
    ]


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
        return reader.overlaid(said["dialect"], base / "gateways" / overlay)

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
