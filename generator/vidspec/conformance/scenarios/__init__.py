"""The scenarios: few jobs, many checks each; importing this package registers all of them in order."""

from vidspec.conformance.scenarios import (  # isort: skip - the order is the order of the run
    probes,
    invalid,
    creating,
    unfinished,
    following,
    models,
    concurrency,
    listing,
    content,
    media,
    remix,
    deriving,
    overlap,
    generated,
    deletion,
)
from vidspec.conformance.scenarios.registry import Scenario, registered

__all__ = [
    "Scenario",
    "concurrency",
    "content",
    "creating",
    "deletion",
    "deriving",
    "following",
    "generated",
    "invalid",
    "listing",
    "media",
    "models",
    "overlap",
    "probes",
    "registered",
    "remix",
    "unfinished",
]
