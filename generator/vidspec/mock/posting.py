"""One POST to a receiver: no proxies, no redirects, no more of the answer than its status. Loads an HTTP client."""

from collections.abc import Mapping

import httpx2


async def post(
    url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float
) -> tuple[int | None, str | None]:
    """Return the status that the receiver answered, or None and why there is none."""
    try:
        async with (
            httpx2.AsyncClient(timeout=timeout_seconds, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as reply,
        ):
            return reply.status_code, None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return None, type(error).__name__
