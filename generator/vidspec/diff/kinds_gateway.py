"""Kinds of change in who speaks which dialect: gateway files, and the overlays that say how they part from it."""

from typing import Final

from vidspec.diff.kinds import kind

_DESCRIBED = (
    "What the gateway answers may be as before; what clients, mock and checks expect of it is not."
)
_ENVIRONMENT = "A program that relies on the old variable finds no key, or calls another address."

GATEWAY_KINDS: Final = (
    kind("gateway-added", "CC", "A gateway is described now.", "Nobody called it by name before."),
    kind(
        "gateway-removed",
        "BC",
        "A gateway is no longer described.",
        "Clients that call it by name find no such gateway.",
    ),
    kind(
        "gateway-dialect-changed",
        "BB",
        "A gateway speaks another dialect.",
        "Every call and every reply is another one.",
    ),
    kind(
        "gateway-base-url-changed",
        "RC",
        "A gateway is elsewhere if nobody says where.",
        "Clients that call it by name send their keys to another address; what blocks addresses blocks it.",
    ),
    kind("gateway-variable-added", "CC", "One more environment variable is read.", "What was read before still is."),
    kind("gateway-variable-changed", "BC", "Another environment variable is read.", _ENVIRONMENT),
    kind(
        "gateway-variable-removed", "BC", "An environment variable is read no more.", _ENVIRONMENT
    ),
    kind(
        "gateway-text-changed",
        "CC",
        "A gateway's title, summary or source says something else.",
        "People read it; no program does.",
    ),
    kind("gateway-overlay-added", "RC", "A profile parts from its dialect now.", _DESCRIBED),
    kind("gateway-overlay-changed", "RC", "A profile parts from its dialect by another overlay.", _DESCRIBED),
    kind("gateway-overlay-removed", "RC", "A profile is its dialect's own now.", _DESCRIBED),
    kind("overlay-extends-changed", "RC", "An overlay changes another document.", _DESCRIBED),
    kind("overlay-action-added", "RC", "An overlay changes one thing more.", _DESCRIBED),
    kind("overlay-action-changed", "RC", "An overlay writes something else in a place.", _DESCRIBED),
    kind("overlay-action-removed", "RC", "An overlay leaves as it is what it changed.", _DESCRIBED),
    kind(
        "overlay-actions-reordered",
        "RC",
        "An overlay does the same in another order.",
        "A later action sees what an earlier one wrote, so the result may be another.",
    ),
)  # fmt: skip
