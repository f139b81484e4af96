"""Adding a dialect by the guide alone: what it touches, and that nothing of the toolkit is among it."""

import hashlib
from pathlib import Path

import yaml

from docs.blocks import blocks
from docs.running import reader
from docs.test_guides import ROOT, checkout

GUIDE = ROOT / "docs" / "guides" / "add-a-dialect.md"


def digests(folder: Path) -> dict[str, str]:
    """Return path → digest of every file below, without what Python leaves behind."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".home" not in path.parts
    }


def test_the_guide_adds_a_dialect_without_a_change_of_the_toolkit(tmp_path: Path) -> None:
    """Client, stub, mock, verdict and reference come from two files that a person wrote."""
    folder = tmp_path / "work"
    folder.mkdir()
    path = checkout(folder)
    before = digests(folder)

    with reader(folder, path=path) as follower:
        for block in blocks(GUIDE.read_text()):
            follower.follow(block)
    after = digests(folder)
    changed = {name for name in after if before.get(name) != after[name]}
    emitted = {name for name in changed if name.startswith(("generated/", "docs/reference/"))}
    written = changed - emitted

    assert set(before) <= set(after)
    assert written == {"spec/dialects/fable/openapi.yaml", "spec/gateways/fable.yaml", "boat.mp4"}
    assert {
        "generated/vidspec_client/fable/client.py",
        "generated/vidspec_server/fable/service.py",
    } <= emitted
    assert "docs/reference/fable.md" in emitted
    # No other dialect is emitted anew: what belongs to all of them is in the packages' own files.
    others = {p.parent.name for p in (ROOT / "spec" / "dialects").glob("*/openapi.yaml")}
    assert not {name for name in emitted if set(Path(name).parts) & others}
    document = yaml.safe_load((folder / "spec/dialects/fable/openapi.yaml").read_text())
    assert document["x-video-dialect"]["surfaces"]["videos"]["states"]["told"] == "completed"
