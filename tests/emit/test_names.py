"""Names and texts of emitted code."""

import ast
from pathlib import Path

import jinja2
import pytest

from vidspec.emit.names import ClassName, PythonIdentifier, Scope
from vidspec.emit.text import Annotation, comment, docstring, environment, literal


@pytest.mark.parametrize(
    ("text", "identifier", "class_name"),
    [
        ("createVideo", "create_video", "CreateVideo"),
        ("CVSync2AsyncSubmitTask", "cv_sync2_async_submit_task", "CVSync2AsyncSubmitTask"),
        ("text2video", "text2video", "Text2video"),
        ("video.completed", "video_completed", "VideoCompleted"),
        ("GetHTTPResponse", "get_http_response", "GetHTTPResponse"),
        ("class", "class_", "Class"),
        ("None", "none", "None_"),
        ("1x", "value_1x", "Value1x"),
        ("../../etc", "etc", "Etc"),
        ("__init__", "init", "Init"),
        ("\u63d0\u793a", "value", "Value"),
        ("na\u00efve", "naive", "Naive"),
        ("", "value", "Value"),
    ],
)
def test_any_text_becomes_a_name(text: str, identifier: str, class_name: str) -> None:
    assert PythonIdentifier.of(text) == identifier
    assert ClassName.of(text) == class_name


@pytest.mark.parametrize("text", ["", "1x", "a b", "class", "_a", "a\n", "\u00e9", "a.b", "a()"])
def test_what_is_no_name_cannot_be_held(text: str) -> None:
    with pytest.raises(ValueError, match="Python"):
        PythonIdentifier(text)


def test_a_scope_gives_each_name_once() -> None:
    scope = Scope({"self"})

    given = [scope.identifier(t) for t in ("size", "Size", "self", "class", "class", "size_2")]

    assert given == ["size", "size_2", "self_2", "class_", "class_2", "size_2_2"]


@pytest.mark.parametrize("text", ["int", "list[str] | None", "Literal['a', -1]", "dict[str, Any]"])
def test_an_annotation_holds_types(text: str) -> None:
    assert Annotation(text) == text


@pytest.mark.parametrize("text", ["f()", "a if b else c", "lambda: 1", "x := 1", "[a for a in b]"])
def test_an_annotation_holds_nothing_that_runs(text: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        Annotation(text)


AWKWARD = [
    "",
    '"',
    '"""',
    'a"',
    '"a',
    "a\\",
    '\\"""',
    'x\n"""\nimport os',
    "\u202e\u2028x\x00",
    'a\\"',
]


@pytest.mark.parametrize("text", AWKWARD)
def test_text_stays_inside_its_quotes(text: str) -> None:
    body = (
        f"def f():\n    {docstring(text)}\n    return {literal({text: [text]})}\n{comment(text)}\n"
    )

    (function,) = ast.parse(body).body

    assert isinstance(function, ast.FunctionDef)
    assert [type(node) for node in function.body] == [ast.Expr, ast.Return]
    returned = function.body[1]
    assert isinstance(returned, ast.Return)
    assert returned.value is not None
    assert ast.literal_eval(returned.value) == {text: [text]}


def test_a_template_cannot_print_plain_text(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("{{ word }}")
    (tmp_path / "escaped").write_text("{{ word|literal }} {{ name }} {{ 3 }}")
    (tmp_path / "missing").write_text("{{ nothing }}")
    templates = environment(tmp_path)

    with pytest.raises(TypeError, match="unescaped"):
        templates.get_template("plain").render(word="import os")
    with pytest.raises(jinja2.UndefinedError):
        templates.get_template("missing").render()
    rendered = templates.get_template("escaped").render(word="a'<b", name=PythonIdentifier("x"))
    assert rendered == '"a\'<b" x 3'
