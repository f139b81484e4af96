"""Every command and every program in the guides does what the guide says."""

import shutil
import sys
from pathlib import Path

import pytest

from docs.blocks import Block, blocks
from docs.running import reader

ROOT = Path(__file__).parent.parent.parent
#: The guide to a new dialect has a test of its own, which follows it too.
GUIDES = sorted(
    {*(ROOT / "docs" / "guides").glob("*.md")} - {ROOT / "docs/guides/add-a-dialect.md"}
)
#: Guides that change the repository itself: they are followed in a copy of it.
IN_A_CHECKOUT = {"add-a-requirement"}


def checkout(folder: Path) -> list[str]:
    """Copy what such a guide works on; return the paths on which its code is found before all else."""
    junk = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in ("spec", "generator", "generated", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=junk)
    shutil.copy(ROOT / "README.md", folder)
    ours = {str(ROOT / name) for name in ("generator", "generated")}
    return [
        str(folder / "generator"),
        str(folder / "generated"),
        *(p for p in sys.path if p not in ours),
    ]


@pytest.mark.parametrize("guide", GUIDES, ids=[guide.stem for guide in GUIDES])
def test_a_guide_works_as_it_is_written(guide: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    path = checkout(folder) if guide.stem in IN_A_CHECKOUT else None

    with reader(folder, path=path) as follower:
        for block in blocks(guide.read_text()):
            follower.follow(block)


@pytest.mark.parametrize(
    "text",
    [
        "```yaml\na: 1\n```\n",
        "```\nsome output\n```\n",
        "<!-- file: a.yaml -->\n\nwords\n",
        "<!-- file: a.yaml -->\n```yaml\na: 1\n```\n",
    ],
)
def test_nothing_in_a_guide_is_left_out_by_accident(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        blocks(text)


@pytest.mark.parametrize(
    "block",
    [
        Block("sh", "false | true\n", 1, "run", ""),
        Block("sh", "true\n", 1, "exit", "1"),
        Block("python", "raise SystemExit(3)\n", 1, "run", ""),
        Block("diff", " a\n-b\n+c\n", 1, "edit", "file.txt"),
        Block("sh", "python3 -c 'exit()' # 8000\n", 1, "background", ""),
    ],
    ids=lambda block: f"{block.language}-{block.how}",
)
def test_a_guide_that_is_wrong_is_noticed(block: Block, tmp_path: Path) -> None:
    with reader(tmp_path) as follower:
        (tmp_path / "file.txt").write_text("a\nx\n")
        with pytest.raises(AssertionError):
            follower.follow(block)
