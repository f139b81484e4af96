"""The clients that two other generators make of the same document."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from vidspec.contract import load_contract

#: openapi-python-client's own, and datamodel-code-generator's own.
OPC, DCG = "opc_peer", "dcg_peer"


def make_peers(folder: Path) -> None:
    """Write both packages into ``folder``; neither can do the document's forms, so both get its JSON bodies only."""
    document = folder / "openapi.json"
    document.write_text(
        json.dumps(_plain(load_contract(dialects=["openai"]).dialects["openai"].document))
    )
    bin_folder = Path(sys.executable).parent
    _run(
        str(bin_folder / "openapi-python-client"), "generate", "--path", str(document),
        "--output-path", str(folder / OPC), "--meta", "none", "--overwrite",
    )  # fmt: skip
    _run(
        str(bin_folder / "datamodel-codegen"), "--formatters", "builtin", "--input", str(document),
        "--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel",
        "--target-pydantic-version", "2.14", "--use-missing-sentinel", "--generate-client", "httpx2",
        "--output", str(folder / "dcg_models.py"), "--client-output", str(folder / DCG),
        "--client-package", DCG, "--client-model-package", "dcg_models",
    )  # fmt: skip


def _plain(document: Any) -> Any:
    made = json.loads(json.dumps(document))
    made.pop("webhooks", None)
    for item in made["paths"].values():
        for method in [name for name in item if "requestBody" in item[name]]:
            content = item[method]["requestBody"].get("content", {})
            content.pop("multipart/form-data", None)
            if not content:
                del item[method]
    made["paths"] = {
        path: item
        for path, item in made["paths"].items()
        if item.keys() & {"get", "post", "delete"}
    }
    return made


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
