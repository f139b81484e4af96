"""Head and body of a reply leave together, whatever is written comes in order, and nothing waits for what never comes."""

import asyncio
from typing import Any, cast

import pytest

from vidspec.mock.packets import JoinedWrites


class Wire:
    """Takes down what a transport is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def write(self, data: bytes) -> None:
        """Take down what leaves at once."""
        self.told.append(data)

    def close(self) -> None:
        """Take it down."""
        self.told.append("closed")

    def abort(self) -> None:
        """Take it down."""
        self.told.append("aborted")

    def is_closing(self) -> bool:
        """Say whether it was told to end."""
        return bool({"closed", "aborted"} & {t for t in self.told if isinstance(t, str)})

    def get_extra_info(self, name: str) -> str:
        """Answer what the joined transport does not know itself."""
        return f"its {name}"


async def told(*deeds: Any) -> list[Any]:
    """Return what the wire is told when these pieces are written, or these methods called, and the loop then turns."""
    wire = Wire()
    loop = asyncio.get_running_loop()
    joined = JoinedWrites(cast("asyncio.Transport", wire), loop)
    for deed in deeds:
        if isinstance(deed, bytes):
            joined.write(deed)
        elif deed == "turn":
            await asyncio.sleep(0)
        else:
            getattr(joined, deed)()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return wire.told


LONG = b"x" * 100_000


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ((b"head", b"body"), [b"headbody"]),
        ((b"head",), [b"head"]),
        ((b"head", "turn", b"late"), [b"head", b"late"]),
        ((b"head", b"body", b"next", b"one"), [b"headbody", b"nextone"]),
        ((b"head", b"body", b"more"), [b"headbody", b"more"]),
        ((b"head", LONG, b"more"), [b"head", LONG, b"more"]),
        ((b"head", b"body", "close"), [b"headbody", "closed"]),
        ((b"head", "close"), [b"head", "closed"]),
        ((b"head", "abort"), ["aborted"]),
    ],
)
def test_pieces_leave_in_order_and_together(deeds: tuple[Any, ...], expected: list[Any]) -> None:
    assert asyncio.run(told(*deeds)) == expected


def test_the_rest_is_the_transports_own() -> None:
    async def asked() -> tuple[Any, bool, bool]:
        joined = JoinedWrites(cast("asyncio.Transport", Wire()), asyncio.get_running_loop())
        before = joined.is_closing()
        joined.close()
        return joined.get_extra_info("socket"), before, joined.is_closing()

    assert asyncio.run(asked()) == ("its socket", False, True)
