"""Everything that a mock is but for HTTP: jobs, time, scripts, incidents, the journal, and a service for each dialect."""

from collections.abc import Iterable, Mapping
from typing import get_args

from vidspec.contract.model import Dialect, Role
from vidspec.mock.describe import own_prefix
from vidspec.mock.holdings import Snapshot
from vidspec.mock.incidents import Incidents
from vidspec.mock.journal import Journal
from vidspec.mock.keeping import SqliteKeeper
from vidspec.mock.media import MediaCache
from vidspec.mock.options import MockOptions
from vidspec.mock.scripts import Scripts
from vidspec.mock.service import MockService
from vidspec.mock.store import JobStore
from vidspec.mock.webhooks import Webhooks


class Stage:
    """What requests, the control API and tests act on.

    A single dialect stands at its own prefix (``/v1/…``), several each under ``/<name>``;
    the names are the dialects' own or those of gateways that speak them.
    """

    def __init__(
        self, dialects: Mapping[str, Dialect], options: MockOptions, *, named: bool
    ) -> None:
        self.options = options
        self.store = JobStore(
            options.clock,
            options.max_jobs,
            max_bytes=options.max_job_bytes,
            max_age=options.max_age_seconds,
            keeper=SqliteKeeper(options.store) if options.store is not None else None,
        )
        self.scripts = Scripts(options.scripts, dialects)
        self.incidents = Incidents(options.incidents, options.seed, _operations(dialects.values()))
        self.journal = Journal(options.journal_size, on_invalid=options.on_invalid)
        self.media = MediaCache(options.max_media_bytes)
        self.webhooks = Webhooks(options.webhooks, options.clock, self.store)
        #: Name → what stands before the paths of the dialect, its own prefix left out.
        self.mounts = {name: f"/{name}" if named else "" for name in dialects}
        #: Name → what an SDK takes as base URL, without the origin.
        self.base_paths = {
            name: self.mounts[name] + own_prefix(dialect) for name, dialect in dialects.items()
        }
        self.services = {
            name: MockService(
                dialect, self.store, self.media, options,
                name=name, mount=self.mounts[name], scripts=self.scripts, incidents=self.incidents,
            )
            for name, dialect in dialects.items()
        }  # fmt: skip
        for service in self.services.values():
            self.webhooks.follow(service.desk)

    def reset(self, space: str | None = None) -> None:
        """Forget all that happened and was told since the start; with a ``space``, only what was made in it."""
        self.store.reset(space)
        if space is None:
            self.scripts.reset()
            self.incidents.reset()
            self.journal.reset()
            self.options.clock.reset()
            self.webhooks.reset()
        for service in self.services.values():
            service.reset()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to the jobs that there were, and to what is to be told of them."""
        self.store.restore(snapshot)
        self.webhooks.restored()

    def summary(self) -> str:
        """Return, for a person, which operations were covered, and what was wrong with requests."""
        operations = {
            name: [o.id for o in service.desk.dialect.operations]
            for name, service in self.services.items()
        }
        return self.journal.summary(operations)


def _operations(dialects: Iterable[Dialect]) -> frozenset[str]:
    """Return the roles that there are anywhere, and the operations of these dialects."""
    ids = {operation.id for dialect in dialects for operation in dialect.operations}
    return frozenset({*get_args(Role), *ids})
