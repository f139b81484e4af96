"""The file that a result is written to, and what is known of the whole."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeAlias

from .errors import DownloadError

#: Called with the bytes so far and the whole size (None when the gateway does not say).
Progress: TypeAlias = Callable[[int, int | None], None]


class _Digest(Protocol):
    """What ``hashlib`` makes; its own name for it is private."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def hexdigest(self) -> str:
        """Return the digest of all of them."""
        ...


@dataclass(slots=True)
class Sink:
    """The file being written, and what is known of the whole."""

    file: BinaryIO
    progress: Progress | None
    digest: _Digest | None
    done: int = 0
    total: int | None = None
    content_type: str | None = None
    validator: str | None = None

    def write(self, chunk: bytes) -> None:
        """Write the whole chunk; raises OSError."""
        view = memoryview(chunk)
        while view:
            # An unbuffered file may take less than it was given.
            view = view[self.file.write(view) :]
        if self.digest is not None:
            self.digest.update(chunk)
        self.done += len(chunk)

    def tell(self) -> None:
        """Tell how far it is."""
        if self.progress is not None:
            self.progress(self.done, self.total)

    def restart(self) -> None:
        """Go back to the start."""
        self.file.seek(0)
        self.file.truncate()
        self.done = 0
        if self.digest is not None:
            self.digest = hashlib.sha256()

    @property
    def short(self) -> bool:
        """Whether the length is known, and another."""
        return self.total is not None and self.done != self.total

    def check(self, expected: str | None) -> str | None:
        """Return the digest, if one was asked for; raises DownloadError when it is another than ``expected``."""
        digest = None if self.digest is None else self.digest.hexdigest()
        if expected is not None and digest != expected.lower():
            msg = f"the result has the digest {digest}, not {expected}"
            raise DownloadError(msg)
        return digest
