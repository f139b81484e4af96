"""Modules that are loaded when they are first used: models and their validators are half of the cost of an import."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from pydantic import BaseModel


class LazyModule:
    """Stands for a module; the first attribute asked for loads it."""

    def __init__(self, name: str, package: str | None) -> None:
        """Take the name as ``importlib.import_module`` does."""
        self._name = name
        self._package = package

    def __getattr__(self, name: str) -> Any:
        """Return the module's attribute."""
        return getattr(import_module(self._name, self._package), name)


def is_model(value: object) -> "TypeGuard[BaseModel]":
    """Say whether ``value`` is a pydantic model, which it cannot be while pydantic is not loaded."""
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, pydantic.BaseModel)
