"""``vidspec report`` as a person meets it: a file in, a report out."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from conformance.story import told
from vidspec.cli import app


def call(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def recorded(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_alone_is_shown(tmp_path: Path) -> None:
    run = recorded(tmp_path / "run.jsonl", told({"a": "fail"}).lines())

    assert "does not conform" in call(run).stdout
    assert call(run).stdout == call("show", run).stdout
    assert "truncated" not in call(run, "--to", "badge").stdout


def test_several_runs_make_a_matrix_in_a_file(tmp_path: Path) -> None:
    one = recorded(tmp_path / "1.jsonl", told({"a": "fail"}, url="https://one.test").lines())
    two = recorded(tmp_path / "2.jsonl", told({"a": "pass"}, url="https://two.test").lines())
    page = tmp_path / "out" / "matrix.html"
    done = call(one, two, "--to", "matrix", "--output", page)

    assert done.exit_code == 0
    assert "https://one.test" in page.read_text()
    assert call(one, two, "--to", "sarif").exit_code != 0


def test_a_stream_that_ends_in_the_middle_of_a_line_is_truncated(tmp_path: Path) -> None:
    whole = told({"a": "pass"}).lines()
    run = recorded(tmp_path / "run.jsonl", whole[: whole.rindex('"paid"')])

    assert "did not come to its end" in call(run).stdout
    assert json.loads(call(run, "--to", "json").stdout)["footer"]["state"] == "truncated"


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    for text in ("", "{}\n", "nonsense\n"):
        path = recorded(tmp_path / "x.jsonl", text)
        error = call(path).exception
        assert getattr(error, "exit_code", None) == 2, text
        assert str(path) in str(error)
    assert getattr(call(tmp_path / "none.jsonl").exception, "exit_code", None) == 2


def test_diff_exits_by_what_got_worse(tmp_path: Path) -> None:
    bad = recorded(tmp_path / "bad.jsonl", told({"a": "fail"}).lines())
    good = recorded(tmp_path / "good.jsonl", told({"a": "pass"}).lines())

    assert [call("diff", bad, good).exit_code, call("diff", good, bad).exit_code] == [0, 1]
    assert "a: pass → fail" in call("diff", good, bad).stdout
    assert call("diff", good, bad, "--to", "html").exit_code != 0
