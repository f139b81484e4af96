"""The command line as a person meets it: answers, exit codes, and no traceback."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vidspec.contract import load_contract
from vidspec.mock import faults_of, running
from vidspec.resources import spec_root

TOY = Path(__file__).parent.parent / "cases" / "toy"
GENERATED = Path(__file__).parent.parent.parent / "generated"
SECRET = "sk-very-secret-0123456789"


def vidspec(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "vidspec", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_lint_of_a_sound_specification() -> None:
    """Everything is well: exit 0, and a line that says what was read."""
    done = vidspec("lint")

    assert 0 == done.returncode, done.stderr
    assert "no problems" in done.stdout


def test_lint_of_a_broken_specification(tmp_path: Path) -> None:
    """A problem has its place, its line and a hint; exit 3."""
    shutil.copytree(TOY, tmp_path / "spec")
    path = tmp_path / "spec" / "dialects" / "toy" / "openapi.yaml"
    path.write_text(path.read_text().replace("broken: failed}", "broken: failed, lost: expired}"))

    done = vidspec("lint", "--spec", "spec", cwd=tmp_path)

    assert 3 == done.returncode
    assert "spec/dialects/toy/openapi.yaml:42:85: [status-total]" in done.stderr
    assert "hint: The schema lists:" in done.stderr


def test_lint_holds_the_overlays_of_gateways(tmp_path: Path) -> None:
    """What an overlay makes of a document is told at its place in the overlay; exit 3."""
    shutil.copytree(spec_root(), tmp_path / "spec")
    path = tmp_path / "spec" / "gateways" / "litellm-observed.overlay.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, "  - target: $.paths['/none']\n    remove: true\n"]))

    done = vidspec("lint", "--spec", "spec", cwd=tmp_path)

    assert 3 == done.returncode
    place = f"spec/gateways/litellm-observed.overlay.yaml:{len(lines) + 1}:5: [overlay-no-match]"
    assert place in done.stderr


def test_an_unknown_dialect_is_a_usage_error() -> None:
    """Exit 2, and the names that exist."""
    done = vidspec("lint", "sora")

    assert 2 == done.returncode
    assert "no such dialect: sora (there are:" in done.stderr


def test_generate_check_is_quiet_about_nothing(tmp_path: Path) -> None:
    """What is committed is what the specification says; nothing is written to find out."""
    copy = tmp_path / "generated"
    shutil.copytree(GENERATED, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*")}

    done = vidspec("generate", "--check", "--output", copy)

    assert 0 == done.returncode, done.stdout
    assert before == {p: p.stat().st_mtime_ns for p in copy.rglob("*")}


def test_generate_check_names_what_differs(tmp_path: Path) -> None:
    """Missing and changed files are named; exit 1; the next generate mends them."""
    copy = tmp_path / "generated"
    shutil.copytree(GENERATED, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "vidspec_client" / "kling" / "client.py").unlink()
    with (copy / "vidspec_server" / "kling" / "app.py").open("a") as file:
        file.write("# by hand\n")

    checked = vidspec("generate", "--check", "--output", copy)
    mended = vidspec("generate", "--output", copy)
    again = vidspec("generate", "--check", "--output", copy)

    assert (1, 0, 0) == (checked.returncode, mended.returncode, again.returncode)
    assert "missing: vidspec_client/kling/client.py" in checked.stdout
    assert "changed: vidspec_server/kling/app.py" in checked.stdout


def test_lists_are_json_for_programs() -> None:
    """Every operation of every dialect is listed with its role."""
    rows = json.loads(vidspec("list", "operations", "--json").stdout)

    contract = load_contract()
    assert sum(len(d.operations) for d in contract.dialects.values()) == len(rows)
    assert {"openai", "kling"} <= {row["dialect"] for row in rows if row["role"] == "create"}


def test_explain_tells_the_sentence_and_the_proof() -> None:
    """An id is explained with its source and how to see it fail."""
    requirement = load_contract(dialects=()).requirements[0]

    done = vidspec("explain", requirement.id)

    assert 0 == done.returncode
    assert requirement.sentence in done.stdout
    assert f"--break {requirement.id}" in done.stdout


def test_explain_of_a_typo_suggests() -> None:
    """Exit 2 and the nearest ids."""
    known = load_contract(dialects=()).requirements[0].id

    done = vidspec("explain", known + "x")

    assert 2 == done.returncode
    assert f"did you mean {known}" in done.stderr


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_bundle_is_one_document(form: str, tmp_path: Path) -> None:
    """The bundle is the dialect's document, without references to other files."""
    path = tmp_path / f"openai.{form}"
    done = vidspec("bundle", "openai", "--format", form, "--output", path)

    assert 0 == done.returncode, done.stderr
    assert "shared/headers.yaml" not in path.read_text()
    assert (spec_root() / "shared" / "headers.yaml").exists()


def test_a_taken_port_is_told() -> None:
    """Exit 2 with a hint instead of a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = vidspec("mock", "openai", "--port", str(taken.getsockname()[1]))

    assert 2 == done.returncode
    assert "--port 0" in done.stderr or "--port (0" in done.stderr


def test_check_of_nothing_is_not_measurable() -> None:
    """No server there: one finding, exit 4."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"

    done = vidspec("check", url, "--dialect", "openai", "--mode", "smoke")

    assert 4 == done.returncode, done.stdout + done.stderr


def test_check_refuses_a_report_it_cannot_write() -> None:
    """An unknown ending is said before anything is sent."""
    done = vidspec("check", "http://127.0.0.1:9/v1", "--dialect", "openai", "--report", "x.pdf")

    assert 2 == done.returncode
    assert ".html" in done.stderr


def test_check_judges_and_reports(tmp_path: Path) -> None:
    """A sound gateway passes, a broken one fails by name; the key stands in no output."""
    reports = [tmp_path / name for name in ("r.html", "r.json", "r.jsonl", "r.xml")]
    asked = [text for path in reports for text in ("--report", path)]
    contract = load_contract(dialects=["openai"])
    common = ["--dialect", "openai", "--mode", "smoke", "--api-key", SECRET]
    with running("openai", job_seconds=0.3) as gateway:
        good = vidspec("check", gateway.base_url, *common, *asked)
    faults = faults_of(contract.requirements, ["delete-then-retrieve"])
    with running("openai", job_seconds=0.3, faults=faults) as gateway:
        bad = vidspec("check", gateway.base_url, *common)

    assert (0, 1) == (good.returncode, bad.returncode), good.stdout + bad.stdout
    assert "delete-then-retrieve" in bad.stdout
    texts = [good.stdout, good.stderr, bad.stdout, *(path.read_text() for path in reports)]
    assert not [text for text in texts if SECRET in text]


def test_a_baseline_excuses_known_failures_and_notices_when_they_end(tmp_path: Path) -> None:
    """Written from a bad run it lets that run pass; on a sound gateway its entry is stale."""
    path = tmp_path / "baseline.yaml"
    contract = load_contract(dialects=["openai"])
    common = ["--dialect", "openai", "--mode", "smoke", "--api-key", SECRET, "--only", "auth-"]
    faults = faults_of(contract.requirements, ["auth-retrieve-refused"])
    with running("openai", job_seconds=0.3, faults=faults) as gateway:
        call: list[str | Path] = ["check", gateway.base_url, *common, "--baseline", path]
        codes = [vidspec(*call, "--update-baseline").returncode, vidspec(*call).returncode]
    with running("openai", job_seconds=0.3) as gateway:
        stale = vidspec("check", gateway.base_url, *common, "--baseline", path)

    assert [0, 0, 1] == [*codes, stale.returncode]
    assert "requirement: auth-retrieve-refused" in path.read_text()
    assert "baseline, stale auth-retrieve-refused" in stale.stdout


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--record", "http://127.0.0.1:1", "--replay", "x"), "exclude each other"),
        (("--record", "ftp://127.0.0.1:1"), "takes a base URL"),
        (("--replay", "no-such-folder"), "cannot read fixtures"),
        (("--webhook", "ftp://127.0.0.1"), "cannot be sent to"),
        (("--webhook-secret-env", "NO_SUCH_VARIABLE"), "NO_SUCH_VARIABLE holds no"),
    ],
)
def test_mock_refuses_wrong_addresses_and_folders(
    tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    """What cannot be recorded, replayed or told is said at the start."""
    done = vidspec("mock", "openai", "--port", "0", *options, cwd=tmp_path)

    assert done.returncode == 2
    assert complaint in done.stderr
