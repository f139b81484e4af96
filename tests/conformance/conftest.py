"""What the tests of the checks share."""

import pytest

from vidspec.contract import Contract, load_contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Give two unlike dialects and all requirements."""
    return load_contract(dialects=["openai", "kling"])
