"""Options that several commands share, declared once as a dataclass and spread over each command's own."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any, Final, TypeVar, get_type_hints

Result = TypeVar("Result")
_REQUIRED: Final = dataclasses.MISSING


def spread(command: Callable[..., Result]) -> Callable[..., Result]:
    """Return the command with an option for each field, where it takes a dataclass of options.

    Typer reads a command's options from its signature; the command itself is handed the whole group.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, type] = {}
    shown: list[Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        said = hints[parameter.name]
        if dataclasses.is_dataclass(said) and isinstance(said, type):
            groups[parameter.name] = said
            shown += _options(said)
        else:
            shown.append(parameter.replace(annotation=said))

    @functools.wraps(command)
    def run(**given: Any) -> Result:
        for name, group in groups.items():
            given[name] = group(**{f.name: given.pop(f.name) for f in dataclasses.fields(group)})
        return command(**given)

    # A positional argument may not follow the options of a group.
    shown.sort(key=lambda parameter: parameter.kind)
    run.__dict__["__signature__"] = inspect.Signature(shown)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return run


def _options(group: type) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is _REQUIRED else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(group)
    ]
