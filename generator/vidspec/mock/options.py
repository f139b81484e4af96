"""What a mock can be told."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vidspec.errors import UsageError
from vidspec.mock.clock import Clock, SystemClock
from vidspec.mock.faults import Faults
from vidspec.mock.fixtures import Recording
from vidspec.mock.journal import Entry
from vidspec.mock.receivers import WebhookOptions
from vidspec_server._runtime.limits import Limits

#: In a prompt: the job fails, or the request is refused by moderation.
FAIL_MARKER = "[fail]"
MODERATION_MARKER = "[moderated]"


@dataclass(frozen=True, slots=True)
class MockOptions:
    """How a mock behaves; the defaults are a well-behaved server whose jobs take two seconds."""

    #: Seconds from creation to the end of a job; 0: finished when first asked for.
    job_seconds: float = 2.0
    #: Pattern of a model (``*``: any) → the course of its jobs (see ``course``).
    scripts: Mapping[str, str] = field(default_factory=dict)
    #: The one credential that is accepted; None: any that is not empty.
    api_key: str | None = None
    #: Any id is answered as a finished job, for suites that use fixed ids.
    lenient_ids: bool = False
    #: What goes wrong on the way to the caller (see ``incidents``), and what its dice begin with.
    incidents: tuple[str, ...] = ()
    seed: int = 0
    #: Whether the mock is controlled under ``/_vidspec/``: by this machine, by any, or not at all.
    control: Literal["local", "anywhere", "off"] = "local"
    #: Requests that break a schema are let through, and written down all the same.
    warn_only: bool = False
    #: How many requests the journal keeps, and who is told of each that breaks a rule of the specification.
    journal_size: int = 1000
    on_invalid: Callable[[Entry], None] | None = None
    faults: Faults = field(default_factory=Faults)
    clock: Clock = field(default_factory=SystemClock)
    #: Callers with different keys see different jobs, as callers who name different spaces always do.
    isolate_keys: bool = False
    #: The file in which jobs outlive the process; None: they do not.
    store: Path | None = None
    #: The most jobs that are kept, what they may take in bytes, and for how long (None: for ever).
    max_jobs: int = 100_000
    max_job_bytes: int = 256 * 1024 * 1024
    max_age_seconds: float | None = None
    #: The most bytes of encoded media.
    max_media_bytes: int = 64 * 1024 * 1024
    #: The longest bodies of requests, and what all of them together may hold at one time.
    limits: Limits = field(default_factory=Limits)
    #: Every video has sound; else those have it whose jobs ask for sound.
    tone: bool = False
    #: Refuse what the named model cannot do, as far as the dialect says it.
    model_limits: bool = False
    #: Hand every call on and keep what is said, or answer with what was kept in that folder.
    record: Recording | None = None
    replay: Path | None = None
    webhooks: WebhookOptions = field(default_factory=WebhookOptions)

    def __post_init__(self) -> None:
        """Refuse lengths of time that are none."""
        for name, seconds in (("a job", self.job_seconds), ("keeping", self.max_age_seconds or 0)):
            if not 0 <= seconds < math.inf:
                message = f"the time of {name} must be some seconds, not {seconds}"
                raise UsageError(message)
