"""The scenarios: few jobs, many checks each; importing this package registers all of them in order."""

from vidspec.conformance.scenarios import (  # isort: skip - the order is the order of the run
    probes,
    invalid,
    creating,
    unfinished,
    following,
    listing,
    content,
    media,
    remix,
    generated,
    deletion,
)
from vidspec.conformance.scenarios.registry import Scenario, registered

__all__ = [
    "Scenario",
    "content",
    "creating",
    "deletion",
    "following",
    "generated",
    "invalid",
    "listing",
    "media",
    "probes",
    "registered",
    "remix",
    "unfinished",
]
