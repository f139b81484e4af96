"""What the tests of the mock share."""

import pytest

from vidspec.contract import Contract, load_contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Give two unlike dialects: results by endpoint and ids in the body; results by URL in an envelope."""
    return load_contract(dialects=["openai", "kling"])
