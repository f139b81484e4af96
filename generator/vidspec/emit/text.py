"""How a specification's text gets into emitted code: through escaping filters, or not at all.

The Jinja environment prints only ``Code`` (checked names, checked annotations, results of the filters below)
and whole numbers. Printing a plain string is an error, so a template cannot forget to escape.
"""

import ast
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import jinja2
from markupsafe import Markup

from vidspec.emit.names import Code

_DOC_WIDTH = 96
#: Lines that begin something: list items, table rows, headings, quotes; and blank lines.
_OWN_LINE = re.compile(r"\s*(?:[-*+|#>]|\d+[.)]|$)")
_PRINTED_AS_IS = "\n\t"
_SHAPE = (
    ast.Expression,
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Tuple,
    ast.List,
    ast.BinOp,
    ast.BitOr,
    ast.Constant,
    ast.Load,
    ast.UnaryOp,
    ast.USub,
)


class Annotation(Code):
    """The text of a type annotation: names, subscripts, ``|`` and constants, nothing that could run."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Hold ``value``, or raise ValueError when it is anything but a type annotation."""
        tree = ast.parse(value, mode="eval")
        if not all(isinstance(node, _SHAPE) for node in ast.walk(tree)):
            message = f"{value!r} is not a type annotation"
            raise ValueError(message)
        return super().__new__(cls, value)


def literal(value: Any) -> Code:
    """Write a JSON-like value (or a tuple) as a Python literal."""
    if value is None or isinstance(value, bool):
        return Code(repr(value))
    if isinstance(value, str):
        return Code(str.__repr__(value))
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return Code(repr(value))
    if isinstance(value, Mapping):
        items = ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items())
        return Code(f"{{{items}}}")
    if isinstance(value, tuple):
        return Code(f"({''.join(f'{literal(item)}, ' for item in value)})")
    if isinstance(value, Sequence):
        return Code(f"[{', '.join(literal(item) for item in value)}]")
    message = f"no Python literal for {type(value).__name__}"
    raise TypeError(message)


def docstring(text: str, indent: int = 4, fallback: str = "Undocumented.") -> Code:
    """Write ``text`` as a triple-quoted docstring, its later lines ``indent`` spaces in."""
    pad = " " * indent
    lines = _wrapped(_printable(text), indent) or [fallback]
    body = "\n".join([lines[0], *(f"{pad}{line}".rstrip() for line in lines[1:])])
    stem = body.rstrip('"')
    stem_text = stem.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    quotes = '\\"' * (len(body) - len(stem))
    end = f"\n{pad}" if len(lines) > 1 else ""
    return Code(f'"""{stem_text}{quotes}{end}"""')


def comment(text: str, indent: int = 0) -> Code:
    """Write ``text`` as ``#`` lines, the later ones ``indent`` spaces in."""
    lines = _wrapped(_printable(text), indent) or [""]
    return Code(f"\n{' ' * indent}".join(f"# {line}".rstrip() for line in lines))


def clean(text: str) -> str:
    """Return ``text`` wrapped and without invisible characters, for writers that do their own quoting."""
    return "\n".join(line.rstrip() for line in _wrapped(_printable(text), indent=4))


@lru_cache
def environment(*folders: Path) -> jinja2.Environment:
    """Return the one way templates are rendered: the first folder that has one wins, the last is ``vidspec:``."""
    last = jinja2.PrefixLoader({"vidspec": jinja2.FileSystemLoader(folders[-1])}, ":")
    result = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(folders), last]),
        undefined=jinja2.StrictUndefined,
        finalize=_refuse_plain_text,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    result.filters |= {"literal": literal, "docstring": docstring, "comment": comment}
    return result


def _refuse_plain_text(value: Any) -> Any:
    if isinstance(value, (Code, Markup, jinja2.Undefined)) or value == "":
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    message = f"a template prints {type(value).__name__} {value!r} unescaped: use |literal, |docstring or |comment"
    raise TypeError(message)


def _printable(text: str) -> str:
    lines = "\n".join(text.splitlines())
    return "".join(
        char if char.isprintable() or char in _PRINTED_AS_IS else ascii(char)[1:-1]
        for char in lines
    )


def _wrapped(text: str, indent: int) -> list[str]:
    result: list[str] = []
    for line in _reflowed(text.expandtabs(4).strip().split("\n")):
        lead = line[: len(line) - len(line.lstrip())]
        result += textwrap.wrap(
            line,
            width=_DOC_WIDTH - indent,
            subsequent_indent=lead,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return result if any(result) else []


def _reflowed(lines: list[str]) -> list[str]:
    """Join the lines of each paragraph, as Markdown reads them; code, lists, tables and headings stay."""
    if any(line.lstrip().startswith("```") for line in lines):
        return lines
    result: list[str] = []
    for line in lines:
        previous = result[-1] if result else ""
        same = len(line) - len(line.lstrip()) == len(previous) - len(previous.lstrip())
        if previous.strip() and same and not _OWN_LINE.match(line):
            result[-1] = f"{previous.rstrip()} {line.strip()}"
        else:
            result.append(line)
    return result
