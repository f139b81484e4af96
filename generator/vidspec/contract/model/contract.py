"""Everything together: dialects, requirements, and the gateways that speak."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vidspec.contract.model.dialect import Dialect
from vidspec.contract.model.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence a gateway is held to (``spec/requirements/<chapter>.yaml``)."""

    #: ``<chapter>-<slug>``: stable, never renumbered, never reused.
    id: str
    chapter: str
    level: Literal["MUST", "SHOULD", "MAY"]
    sentence: str
    #: Dialect names; empty: every dialect that has what ``needs`` lists.
    dialects: tuple[str, ...]
    #: Roles (and ``paging``, ``progress`` … job fields as ``job.progress``) without which the requirement does not apply.
    needs: tuple[str, ...]
    #: Where the contract says so: document pointer or URL.
    source: str
    #: How it is tested, in one sentence.
    test: str
    #: Why it is not tested, or None.
    excluded: str | None
    #: The fault the mock commits under ``--break ID``; None when excluded.
    fault: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything ``spec/`` says."""

    lifecycle: Lifecycle
    dialects: Mapping[str, Dialect]
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A speaker of a dialect (``spec/gateways/<name>.yaml``): what it promises and what it is seen to do."""

    name: str
    title: str
    summary: str
    #: Where it is if nobody says otherwise.
    base_url: str
    #: Purpose → environment variable, read in place of the dialect's own.
    environment: Mapping[str, str]
    #: The dialect as the gateway publishes it.
    published: Dialect
    #: The dialect as the gateway is seen to speak it; the published one where no difference is known.
    observed: Dialect
    source: str

    def profile(self, name: str) -> Dialect:
        """Return the dialect of the profile ``published`` or ``observed``; raises KeyError for another."""
        return {"published": self.published, "observed": self.observed}[name]
