from collections.abc import Iterator
from typing import Any

import pytest

from .toy import Blocking, Plain


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back off by no more than 10 ms; a pause asked for by the server stays as it is."""
    monkeypatch.setattr("random.uniform", lambda low, high: min(0.01, high))
    monkeypatch.delenv("TOY_API_KEY", raising=False)


@pytest.fixture(params=["sync", "async"])
def make(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Make a client of either kind."""
    made: list[Plain] = []

    def build(url: str, **options: Any) -> Any:
        if request.param == "async":
            return Blocking(url, **options)
        made.append(Plain(url, **options))
        return made[-1]

    yield build
    for one in made:
        one.close()
