"""The look into a release finds what must not be in one; and the workflow does nothing without it."""

import io
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from release.contents import main, source_problems, wheel_problems
from release.tag import tag_problems

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the real wheel and sdist, built from a clean copy by the project's own backend."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    junk = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info", "site", "demo", "dist")
    shutil.copytree(ROOT, source, ignore=junk, dirs_exist_ok=True)
    build = (
        "import sys; from hatchling.build import build_sdist, build_wheel;"
        "build_wheel(sys.argv[1]); build_sdist(sys.argv[1])"
    )
    subprocess.run(
        [sys.executable, "-c", build, str(out)], cwd=source, check=True, capture_output=True
    )
    return out


def test_our_release_is_as_it_should_be(dist: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(dist) == 0, capsys.readouterr().out


def test_an_empty_folder_is_no_release(tmp_path: Path) -> None:
    assert main(tmp_path) == 1


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("tests/test_a.py", b"", "no package of ours"),
        ("vidspec/__pycache__/a.cpython-311.pyc", b"", "does not belong"),
        ("vidspec/.env", b"A=1", "does not belong"),
        ("vidspec/a.so", b"", "no kind"),
        ("vidspec/a.py", b"-----BEGIN RSA " + b"PRIVATE KEY-----", "looks like a key"),
        ("vidspec/__main__.py", b"", "stands twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_wheel_with_something_else_is_refused(
    dist: Path, tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    wheel = tmp_path / next(dist.glob("*.whl")).name
    shutil.copy(next(dist.glob("*.whl")), wheel)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(name, content)

    assert any(word in problem for problem in wheel_problems(wheel))


def rewritten(wheel: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Copy a wheel with each file changed; None leaves it out."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(to / wheel.name, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return to / wheel.name


@pytest.mark.parametrize(
    ("part", "old", "new", "word"),
    [
        ("METADATA", b"Name: vidspec", b"Name: widspec", "the name is"),
        ("METADATA", b"\nVersion: ", b"\nVersion: 9", "the version is"),
        ("METADATA", b"Requires-Dist: ruff==", b"Requires-Dist: ruff @ https://a.test/", "address"),
        ("vidspec/_spec/lifecycle.yaml", None, None, "is missing"),
        ("licenses/LICENSE", None, None, "licence is missing"),
    ],
)
def test_a_wheel_that_lacks_something_is_refused(
    dist: Path, tmp_path: Path, part: str, old: bytes | None, new: bytes | None, word: str
) -> None:
    def change(name: str, content: bytes) -> bytes | None:
        if not name.endswith(part):
            return content
        return None if old is None or new is None else content.replace(old, new, 1)

    wheel = rewritten(next(dist.glob("*.whl")), tmp_path, change)

    assert any(word in problem for problem in wheel_problems(wheel))


def test_an_sdist_with_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vidspec-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("vidspec-1/a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        out = tarfile.TarInfo("elsewhere/../b")
        archive.addfile(out, io.BytesIO(b""))

    problems = source_problems(path)
    assert {"vidspec-1/a is no plain file", "elsewhere/../b is not in vidspec-1"} <= set(problems)
    assert "LICENSE is missing" in problems


def test_a_tag_must_be_the_version_and_in_the_changelog(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (2026-12-01)\n")

    assert tag_problems("v1.2.3", tmp_path) == []
    assert len(tag_problems("v1.2.4", tmp_path)) == 1
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 1.2.30\n")
    assert len(tag_problems("v1.2.3", tmp_path)) == 1


def test_the_workflow_publishes_only_what_was_looked_at() -> None:
    """Build and look in one job without rights; attest and publish, in another, what that one kept."""
    said: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    build, publish = said["jobs"]["build"], said["jobs"]["publish"]
    steps = [step.get("run", step.get("uses", "")) for step in build["steps"]]
    looks = next(n for n, step in enumerate(steps) if "tests/release/contents.py dist" in step)
    keeps = next(n for n, step in enumerate(steps) if "upload-artifact" in step)

    assert said["permissions"] == {"contents": "read"}
    assert "permissions" not in build
    assert looks < keeps
    assert publish["needs"] == "build"
    assert publish["permissions"] == {
        "id-token": "write",
        "attestations": "write",
        "contents": "read",
    }
    assert publish["environment"] == "release"
    assert not any("run" in step for step in publish["steps"])
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text()
