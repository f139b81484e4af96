"""Pydantic models, written by datamodel-code-generator from schemas that we named and simplified.

The generator is imported only when it is needed: that import alone takes longer than all that it does for a dialect.
"""

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidspec.emit.memory import ModelMemory, Written
from vidspec.emit.names import ClassName
from vidspec.emit.schemas import Flavour, Normaliser, Schemas
from vidspec.emit.text import docstring

_BASE = "vidspec_emitted.model.Model"
_IMPORT = "from vidspec_emitted.model import Model"
_UPLOAD = "vidspec_emitted.calls.Upload"
_UPLOAD_IMPORT = "from vidspec_emitted.calls import Upload"
#: The base class says it once, and ``use_attribute_docstrings`` would parse the source at every import.
_CONFIG = re.compile(r"^    model_config = ConfigDict\(\n(?:        .*\n)*    \)\n", re.MULTILINE)

CLIENT = Flavour(open=True, defaults=False, upload=None, bodies=False, lenient=True)
SERVER = Flavour(open=False, defaults=True, upload=_UPLOAD, bodies=True)


@dataclass(frozen=True, slots=True)
class Models:
    """The text of a ``models.py``, and what is called what in it."""

    text: str
    #: Document pointer of a schema → class (or alias) name.
    classes: Mapping[str, ClassName]
    #: Class name → wire property name → attribute name.
    attributes: Mapping[str, Mapping[str, str]]


def write_models(normaliser: Normaliser, dialect: str, memory: ModelMemory) -> Models:
    """Write the models of everything that ``normaliser`` has named so far, or take them out of the ``memory``."""
    schemas = normaliser.result
    title = f"Messages of the {dialect} dialect."
    if not schemas.named:
        return Models(f"{docstring(title, 0)}\n", {}, {})
    slot = f"{dialect}/{'client' if normaliser.flavour == CLIENT else 'server'}"
    written = memory.recall(slot, json.dumps(schemas.named), lambda: _generate(schemas))
    return Models(_finish(written.text, title), schemas.classes, written.attributes)


def _generate(schemas: Schemas) -> Written:
    from datamodel_code_generator import generate  # noqa: PLC0415  # a third of a second
    from datamodel_code_generator.enums import DataModelType, InputFileType  # noqa: PLC0415  # with it
    from datamodel_code_generator.format import PythonVersion  # noqa: PLC0415  # with it
    from datamodel_code_generator.parser import LiteralType  # noqa: PLC0415  # with it

    document = {
        "openapi": "3.1.0",
        "info": {"title": "models", "version": "1"},
        "paths": {},
        "components": {"schemas": dict(schemas.named)},
    }
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder) / "models.json"
        text = generate(
            document,
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.PydanticV2BaseModel,
            target_python_version=PythonVersion.PY_311,
            base_class=_BASE,
            formatters=[],
            disable_timestamp=True,
            emit_model_metadata=metadata,
            enum_field_as_literal=LiteralType.All,
            use_typed_nullable_map_values=True,
            use_type_alias=True,
            use_schema_description=True,
            use_field_description=True,
            use_attribute_docstrings=True,
            use_single_line_docstring=True,
            use_standard_collections=True,
            use_union_operator=True,
            strict_nullable=True,
        )
        made = json.loads(metadata.read_text(encoding="utf-8"))["models"]
    missing = sorted(set(schemas.named) - {model["class_name"] for model in made})
    if missing:
        message = f"datamodel-code-generator made no {', '.join(missing)}"
        raise RuntimeError(message)
    return Written(str(text), {model["class_name"]: _attributes(model) for model in made})


def _attributes(model: Mapping[str, Any]) -> dict[str, str]:
    return {
        f["original_name"]: f["name"] for f in model["fields"] if f["original_name"] is not None
    }


def _finish(text: str, title: str) -> str:
    body = _CONFIG.sub("", text[text.index("from __future__") :])
    body = body.replace(_IMPORT, "from .._runtime.model import Model", 1)
    body = body.replace(_UPLOAD_IMPORT, "from .._runtime.calls import Upload", 1)
    return f"{docstring(title, 0)}\n\n{body}"
