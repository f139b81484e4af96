"""Every operation of the documents that this project comes from exists, is emitted, is played and is judged."""

import importlib
import inspect
import json
import subprocess
import sys

import pytest

from vidspec.conformance import requirements_for
from vidspec.contract import load_contract
from vidspec.emit.names import PythonIdentifier

CONTRACT = load_contract()

#: What the five documents list, as ids of our dialect documents.
SEEDS = {
    "openrouter": ["createVideos", "getVideos", "listVideosContent", "listVideosModels"],
    "openai": [
        "createVideo",
        "ListVideos",
        "GetVideo",
        "DeleteVideo",
        "CreateVideoRemix",
        "RetrieveVideoContent",
    ],
    "bifrost": [
        "videoGeneration",
        "videoList",
        "videoRetrieve",
        "videoDelete",
        "videoDownload",
        "videoRemix",
    ],
    "newapi": [
        "createVideo",
        "getVideo",
        "getVideoContent",
        "createKlingText2Video",
        "getKlingText2Video",
        "createKlingImage2Video",
        "getKlingImage2Video",
        "submitJimengTask",
        "getJimengResult",
        "createVideoGeneration",
        "getVideoGeneration",
    ],
    "modelgates": ["generate", "getGeneration", "getVideoContent", "listVideosModels"],
}
EVERY = [(dialect, operation) for dialect, ids in SEEDS.items() for operation in ids]


def test_the_list_has_every_seed_operation() -> None:
    """``vidspec list operations --json`` shows each of them."""
    command = [sys.executable, "-m", "vidspec", "list", "operations", "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    assert set(EVERY) <= {(row["dialect"], row["operation"]) for row in rows}


@pytest.mark.parametrize(("dialect", "operation"), EVERY, ids=["-".join(pair) for pair in EVERY])
def test_a_seed_operation_is_emitted_and_judged(dialect: str, operation: str) -> None:
    """Both clients have the method, the service has it, and requirements speak of its role."""
    method = PythonIdentifier.of(operation, fallback="operation")
    client = importlib.import_module(f"vidspec_client.{dialect}")
    server = importlib.import_module(f"vidspec_server.{dialect}")

    assert inspect.isfunction(getattr(client.Client, method))
    assert inspect.isfunction(getattr(client.AsyncClient, method))
    assert inspect.iscoroutinefunction(getattr(server.UnimplementedService, method))
    spoken = CONTRACT.dialects[dialect]
    role = spoken.operation(operation).role
    judged = {need for r in requirements_for(CONTRACT, spoken) for need in r.needs}
    # Requirements on every reply (schema, errors, transport) hold for models as for the rest.
    assert role in {*judged, "create", "retrieve", "models"}
