"""An import loads what it needs and no more: validators, models and event loops wait until they are used."""

import subprocess
import sys

import pytest

LATER = {"pydantic", "asyncio", "concurrent.futures", "vidspec_client.openai.models"}


@pytest.mark.parametrize("name", ["vidspec_client.openai.Client", "vidspec_client.VideoClient"])
def test_what_is_dear_is_loaded_when_it_is_used(name: str) -> None:
    module, _, held = name.rpartition(".")
    code = f"import sys; from {module} import {held}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not LATER & set(done.stdout.split())


def test_annotations_can_still_be_read() -> None:
    code = """
import typing, vidspec_client.openai as openai
hints = typing.get_type_hints(openai.Client.create_video)
assert hints["return"] is openai.models.VideoResource
"""
    subprocess.run([sys.executable, "-c", code], check=True)
