"""Files to upload: many ways to name one, opened late, read from disk while they are sent."""

import base64
import io
import mimetypes
import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeGuard, cast

FileContent: TypeAlias = bytes | bytearray | os.PathLike[str] | BinaryIO


@dataclass(frozen=True, slots=True)
class File:
    """A file with its name and media type; a path is opened only when the request is sent."""

    name: str
    content: FileContent = field(repr=False)
    content_type: str


#: What a file argument takes: bytes, a path, an open binary file, ``(name, content)`` or ``(name, content, type)``.
FileInput: TypeAlias = FileContent | tuple[str, FileContent] | tuple[str, FileContent, str] | File

_HEAD = 16
_FTYP = {b"qt  ": "video/quicktime", b"avif": "image/avif", b"heic": "image/heic"}


def is_file(value: object) -> TypeGuard[FileInput]:
    """Say whether ``value`` names a file. A str never does: it is a URL, an id or encoded data."""
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return len(parts) in (2, 3) and isinstance(parts[0], str) and _is_content(parts[1])
    return isinstance(value, File) or _is_content(value)


def as_file(value: FileInput) -> File:
    """Give ``value`` a name and a media type (by its first bytes, else by its name).

    Raises OSError when a path cannot be read, TypeError for a text file.
    """
    if isinstance(value, File):
        return value
    if isinstance(value, tuple):
        content = value[1]
        declared = value[2] if len(value) == 3 else None
        name = value[0]
    else:
        content, declared, name = value, None, None
    if isinstance(content, io.TextIOBase):
        msg = "files must be opened in binary mode"
        raise TypeError(msg)
    sniffed = declared or sniff(_head(content))
    name = name or _name_of(content) or f"upload{mimetypes.guess_extension(sniffed or '') or ''}"
    guessed = mimetypes.guess_type(name)[0]
    return File(name, content, sniffed or guessed or "application/octet-stream")


def sniff(head: bytes) -> str | None:
    """Return the media type that the first 16 bytes show, or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _FTYP.get(head[8:12], "video/mp4")
    return "video/webm" if head.startswith(b"\x1a\x45\xdf\xa3") else None


def opened(file: File, stack: ExitStack) -> bytes | BinaryIO:
    """Return bytes, or a binary file at its start that ``stack`` closes if it was opened here."""
    content = file.content
    if isinstance(content, bytes | bytearray):
        return bytes(content)
    if isinstance(content, os.PathLike):
        return stack.enter_context(Path(content).open("rb"))
    return content


def rewindable(file: File) -> bool:
    """Say whether the file can be sent a second time."""
    content = file.content
    return isinstance(content, bytes | bytearray | os.PathLike) or content.seekable()


def size_of(file: File) -> int | None:
    """Return the number of bytes, or None when only reading would tell."""
    content = file.content
    if isinstance(content, bytes | bytearray):
        return len(content)
    if isinstance(content, os.PathLike):
        return Path(content).stat().st_size
    if not content.seekable():
        return None
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    return size


def on_disk(file: File) -> bool:
    """Say whether sending the file means reading it from somewhere."""
    return not isinstance(file.content, bytes | bytearray)


def read_all(file: File) -> bytes:
    """Return the whole content."""
    with ExitStack() as stack:
        content = opened(file, stack)
        return content if isinstance(content, bytes) else content.read()


def to_base64(file: File) -> str:
    """Return the content in base64, without a prefix."""
    return base64.b64encode(read_all(file)).decode("ascii")


def to_data_url(file: File) -> str:
    """Return the content as a ``data:`` URL."""
    return f"data:{file.content_type};base64,{to_base64(file)}"


def _is_content(value: Any) -> TypeGuard[FileContent]:
    return isinstance(value, bytes | bytearray | os.PathLike) or hasattr(value, "read")


def _name_of(content: FileContent) -> str | None:
    if isinstance(content, bytes | bytearray):
        return None
    if isinstance(content, os.PathLike):
        return Path(content).name
    named = getattr(content, "name", None)
    # An anonymous temporary file has a number for a name.
    return Path(named).name if isinstance(named, str) else None


def _head(content: FileContent) -> bytes:
    if isinstance(content, bytes | bytearray):
        return bytes(content[:_HEAD])
    if isinstance(content, os.PathLike):
        with Path(content).open("rb") as file:
            return file.read(_HEAD)
    if not content.seekable():
        return b""
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    return head
