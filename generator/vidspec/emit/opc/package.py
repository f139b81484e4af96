"""Running openapi-python-client in process, and holding it to its word: what it drops or doubts is an error."""

import contextlib
import io
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from vidspec.contract.model import Contract, Dialect
from vidspec.emit.names import PythonIdentifier
from vidspec.emit.opc.document import plain_document
from vidspec.emit.pipeline import hold_apart
from vidspec.emit.polish import marked, polish
from vidspec.emit.tree import FileTree
from vidspec.errors import VidspecError
from vidspec.resources import template_root

_TEMPLATES = "openapi_python_client"
_PARAMETER = re.compile(r"\{[^{}]*\}")


def emit_packages(contract: Contract) -> FileTree:
    """Return one package ``<dialect>_client`` for each dialect of the contract.

    They need ``httpx<0.29`` and ``attrs``. Raises VidspecError when the generator warns, or leaves out an operation.
    """
    hold_apart(contract.dialects)
    texts: dict[str, str] = {}
    for dialect in contract.dialects.values():
        texts |= _package(dialect)
    code = {path: text for path, text in texts.items() if path.endswith(".py")}
    return {path: text.encode() for path, text in texts.items()} | polish(code)


def _package(dialect: Dialect) -> dict[str, str]:
    document = plain_document(dialect)
    name = f"{PythonIdentifier.of(dialect.name, fallback='dialect')}_client"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        _build(document, dialect, folder)
        read = {p: p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*")) if p.is_file()}
        origin = f"spec/dialects/{dialect.name}/openapi.yaml"
        files = {
            f"{name}/{path.relative_to(folder).as_posix()}": marked(origin, text)
            for path, text in read.items()
        }
    return files | {f"{name}/py.typed": ""}


def _build(document: dict[str, Any], dialect: Dialect, folder: Path) -> None:
    settings = ConfigFile(
        post_hooks=[],
        package_name_override=folder.name,
        use_path_prefixes_for_title_model_names=False,
    )
    config = Config.from_sources(settings, MetaType.NONE, folder, "utf-8", True, folder)
    read = GeneratorData.from_dict(document, config=config)
    if isinstance(read, GeneratorError):
        raise _refusal(dialect, [read])
    project = Project(
        openapi=read, config=config, custom_template_path=template_root() / _TEMPLATES
    )
    project.env.globals["spec"] = document
    project.env.globals["dialect"] = dialect
    # It says on stdout what it does; our answer goes there.
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    made = {
        _key(endpoint.path.get_untrusted_value(), endpoint.method)
        for collection in read.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    wanted = {_key(path, method) for path, item in document["paths"].items() for method in item}
    if problems or made != wanted:
        raise _refusal(dialect, problems, sorted(wanted - made))


def _key(path: str, method: str) -> str:
    """Name an HTTP operation; the generator gives path parameters names of its own."""
    return f"{method.upper()} {_PARAMETER.sub('{}', path)}"


def _refusal(
    dialect: Dialect, problems: Iterable[GeneratorError], lost: Iterable[str] = ()
) -> VidspecError:
    said = [f"{p.header}: {p.detail or ''}".replace("\n", " ").strip() for p in problems]
    lines = "\n  ".join([*said, *(f"left out: {name}" for name in lost)])
    message = f"openapi-python-client cannot do all of the dialect {dialect.name!r}:\n  {lines}"
    return VidspecError(message)
