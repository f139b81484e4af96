"""Both clients over all dialects behind one blocking face, so that every test runs on both."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any, Self

from vidspec_client import AsyncVideoClient, VideoClient


class BlockingVideoClient:
    """The asyncio client, blocking."""

    def __init__(self, gateway: str, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncVideoClient(gateway, **options)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not inspect.ismethod(found):
            return found

        def call(*values: Any, **named: Any) -> Any:
            result = found(*values, **named)
            if isinstance(result, AsyncIterator):
                return self._runner.run(_all(result))
            return self._runner.run(result)

        return call

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


async def _all(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


KINDS: dict[str, Any] = {"sync": VideoClient, "async": BlockingVideoClient}
