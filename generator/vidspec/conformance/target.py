"""What is checked, and how much may be done to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import SplitResult, urlsplit, urlunsplit

from vidspec.conformance.tariff import Tariff
from vidspec.contract import Dialect
from vidspec.errors import UsageError

Mode = Literal["free", "smoke", "standard", "deep"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)

#: Mode → accepted paid calls it may make; None: no limit.
BUDGETS: Final[Mapping[Mode, int | None]] = {"free": 0, "smoke": 3, "standard": 6, "deep": None}


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway, the dialect it claims to speak, and the way in.

    Raises UsageError when the base URL is not an absolute http(s) URL.
    """

    base_url: str = field(repr=False)
    dialect: str
    #: The key; None: requests go without credentials.
    api_key: str | None = field(default=None, repr=False)
    #: Further parts of the credentials by purpose (``access_key``, ``secret_key`` …).
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Extra headers for every request; no report shows their values.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: The model to ask for, where the document's example names one that the gateway lacks.
    model: str | None = None
    #: Seconds that one request may take.
    timeout: float = 120.0
    verify_tls: bool = True
    #: The dialect as this gateway is seen to speak it, where that is known: the way on if it refuses the published one.
    observed: Dialect | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            # Before the @ there may stand a password.
            message = f"not an http(s) URL: {re.sub('//[^/]*@', '//', self.base_url)}"
            raise UsageError(message, hint="Give the base URL, such as https://host/v1.")
        if not _port_fits(parts):
            message = f"no port has that number: {parts.netloc.rpartition('@')[2]}"
            raise UsageError(message)
        if parts.query or parts.fragment:
            # What is asked for may well be a key: it is not repeated.
            message = f"a base URL has nothing behind its path: {self.url}"
            raise UsageError(
                message, hint="A key goes into VIDSPEC_API_KEY, anything else into --header."
            )

    @property
    def url(self) -> str:
        """The base URL without a slash at its end, query, fragment or user information."""
        parts = urlsplit(self.base_url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))

    @property
    def base_path(self) -> str:
        """The path of the base URL: ``""`` or ``/something``."""
        return urlsplit(self.url).path


def _port_fits(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def with_environment(
    target: Target, names: Mapping[str, str], environ: Mapping[str, str]
) -> Target:
    """Return the target with the secrets that stand in environment variables; ``names``: purpose → variable."""
    secrets = {
        purpose: value
        for purpose, variable in names.items()
        if purpose not in {"api_key", "base_url"} and (value := environ.get(variable))
    }
    return replace(target, api_key=target.api_key or environ.get(names["api_key"]), secrets=secrets)


@dataclass(frozen=True, slots=True)
class Options:
    """How a check is run."""

    mode: Mode = "standard"
    #: The family of jobs to judge; None: the dialect's default one.
    surface: str | None = None
    #: The most accepted paid calls; None: what the mode allows.
    budget: int | None = None
    #: What paid calls cost; None: not known.
    tariff: Tariff | None = None
    #: The most that all paid calls may cost, in the tariff's unit; None: no limit.
    max_cost: float | None = None
    #: Ids, or beginnings of ids, of the requirements to judge; empty: all.
    only: tuple[str, ...] = ()
    #: Ids, or beginnings of ids, of the requirements to leave out.
    skip: tuple[str, ...] = ()
    #: The whole ids to judge, among those that ``only`` and ``skip`` leave; None: all of these.
    ids: frozenset[str] | None = None
    #: Seconds that a job may take.
    job_timeout: float = 600.0
    #: Seconds between two looks at a job; None: from a tenth of a second up to the surface's own interval.
    poll_interval: float | None = None
    #: Seconds that the whole run may take; None: no limit.
    max_time: float | None = None
    #: Scenarios that may run at once, where they need no job and share nothing.
    concurrency: int = 1
    #: A prompt that is known to make a job fail; None: failed jobs are not judged.
    fail_prompt: str | None = None
    #: Seed of the generated requests.
    seed: int = 7
    #: Where every exchange is written as JSON lines; None: nowhere.
    journal: Path | None = None

    @property
    def cap(self) -> int | None:
        """The most accepted paid calls of this run; None: no limit."""
        return BUDGETS[self.mode] if self.budget is None else self.budget

    def selects(self, requirement_id: str) -> bool:
        """Say whether the run is to judge that requirement."""
        chosen = not self.only or any(requirement_id.startswith(o) for o in self.only)
        chosen = chosen and (self.ids is None or requirement_id in self.ids)
        return chosen and not any(requirement_id.startswith(s) for s in self.skip)
