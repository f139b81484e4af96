"""Every code that a command prints can be explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import vidspec
from vidspec.cli import app
from vidspec.contract import RULES, load_contract
from vidspec.diff import KINDS
from vidspec.errors import UsageError
from vidspec.resources import spec_root

HOME = Path(vidspec.__file__).parent
#: Calls that take the slug of a rule.
TAKERS = {"Problem", "Broken", "Trap", "_RefusedError", "_complain", "meta_problems"}
SLUG = re.compile(r"[a-z]+(-[a-z]+)*")
#: Slugs that are passed on from a table, or are made.
TABLED = re.compile(r"(ref|example|yaml|schema|overlay|gateway)-[a-z]+(-[a-z]+)*")


def slugs(tree: ast.AST) -> Iterator[str]:
    """Yield what looks like the slug of a rule, where one is expected."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given += [k.value for k in node.keywords if k.arg == "rule"]
            # The message is never a single word; the slug is the first, or the one behind the message.
            given += node.args[:2] if name in TAKERS else []
        if isinstance(node, ast.Tuple):
            given += [e for e in node.elts if TABLED.fullmatch(str(getattr(e, "value", "")))]
        for value in given:
            if isinstance(value, ast.Constant) and SLUG.fullmatch(str(value.value)):
                yield str(value.value)


def told() -> set[str]:
    folders = ("document", "contract")
    files = [path for folder in folders for path in sorted((HOME / folder).rglob("*.py"))]
    return {slug for path in files for slug in slugs(ast.parse(path.read_text()))}


def explained(code: str) -> str:
    """Return what the command says; it must say something."""
    result = CliRunner().invoke(app, ["explain", code])
    assert result.exit_code == 0, code
    return result.stdout


def test_each_rule_that_is_told_is_explained_and_no_other() -> None:
    assert told() == {*RULES}


def test_the_broken_cases_break_rules_that_are_explained() -> None:
    """What the cases really print, whoever made the slug."""
    cases = spec_root().parent / "tests" / "cases" / "broken"
    printed = {
        slug
        for path in cases.rglob("expected*")
        for slug in re.findall(r"\[([a-z]+(?:-[a-z]+)+)\]", path.read_text())
    }
    assert len(printed) > 30
    assert printed <= {*RULES}


def test_each_code_is_one_thing() -> None:
    requirements = {requirement.id for requirement in load_contract().requirements}
    assert not {*RULES} & {*KINDS}
    assert not requirements & ({*RULES} | {*KINDS})


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_is_explained_in_a_sentence(rule: str) -> None:
    text = explained(rule)
    assert text.startswith(f"{rule}  (a rule of vidspec lint)")
    assert RULES[rule] in text
    assert RULES[rule].endswith((".", ".)"))


def test_changes_and_requirements_are_explained() -> None:
    for code, kind in KINDS.items():
        assert kind.why in explained(code)
    for requirement in load_contract().requirements[::20]:
        assert requirement.sentence in explained(requirement.id)


def test_what_is_no_code_has_neighbours() -> None:
    result = CliRunner().invoke(app, ["explain", "yaml-duplicate-keys"])

    assert isinstance(result.exception, UsageError)
    assert "did you mean yaml-duplicate-key" in result.exception.message
