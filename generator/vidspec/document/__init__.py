"""From YAML files to located, bundled, overlaid and validated OpenAPI documents."""

from vidspec.document.load import load_document, load_yaml
from vidspec.document.model import Document
from vidspec.document.overlay import apply_overlay
from vidspec.document.validate import second_opinion, validation_problems

__all__ = [
    "Document",
    "apply_overlay",
    "load_document",
    "load_yaml",
    "second_opinion",
    "validation_problems",
]
