"""What the words of the contract may be: job states, what operations do, where parameters travel."""

from typing import Literal

State = Literal["queued", "in_progress", "completed", "failed", "cancelled", "expired"]
TERMINAL: frozenset[str] = frozenset({"completed", "failed", "cancelled", "expired"})

Role = Literal[
    "create",
    "retrieve",
    "list",
    "delete",
    "cancel",
    "content",
    "remix",
    "edit",
    "extend",
    "models",
    "model",
    "character_create",
    "character",
    "artifacts",
]

ParameterIn = Literal["path", "query", "header", "cookie"]
