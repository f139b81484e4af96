"""Reading gateways: a dialect, and what is done to it."""

import shutil
from pathlib import Path

import pytest

from vidspec.contract import load_gateways
from vidspec.errors import SpecError, UsageError

TOY = Path(__file__).parent.parent / "cases" / "toy"

GATEWAY = """\
name: toybox
title: Toybox
summary: A server of toys.
dialect: toy
base_url: http://localhost:9000/api
environment: {api_key: TOYBOX_KEY, base_url: TOYBOX_URL}
profiles:
  published: {overlay: null}
  observed: {overlay: toybox-observed.overlay.yaml}
source: This test.
"""
OVERLAY = """\
overlay: "1.0.0"
info: {title: Toybox as seen, version: "1"}
actions:
  - target: $.components.schemas.Clip.properties.now
    update: {enum: [paused]}
  - target: $['x-video-dialect'].surfaces.clips.states
    update: {paused: null}
  - target: $.paths['/clips'].post.responses['415']
    remove: true
"""


def spec(tmp_path: Path, gateway: str = GATEWAY, overlay: str = OVERLAY) -> Path:
    """Write a specification with one gateway of the toy dialect."""
    root = tmp_path / "spec"
    shutil.copytree(TOY, root)
    (root / "gateways").mkdir()
    (root / "gateways" / "toybox.yaml").write_text(gateway)
    (root / "gateways" / "toybox-observed.overlay.yaml").write_text(overlay)
    return root


def test_both_profiles_are_read(tmp_path: Path) -> None:
    """The overlay changes the observed profile and leaves the published one alone."""
    toybox = load_gateways(spec(tmp_path))["toybox"]

    states = [d.surface.states.get("paused", "?") for d in (toybox.published, toybox.observed)]
    refusals = [d.operation("make-clip").reply(415) for d in (toybox.published, toybox.observed)]
    assert (["?", None], [True, False]) == (states, [r is not None for r in refusals])


@pytest.mark.parametrize(
    ("old", "new", "rule", "place"),
    [
        ("name: toybox", "name: box", "gateway-name", "toybox.yaml:1:1"),
        ("dialect: toy\n", "dialect: tin\n", "gateway-dialect", "toybox.yaml:4:1"),
        ("toybox-observed.", "lost.", "gateway-overlay", "toybox.yaml:9:14"),
        ("title: Toybox\n", "title: Toybox\ncolour: red\n", "gateway", "toybox.yaml:1:1"),
    ],
)
def test_a_broken_gateway_is_refused(
    old: str, new: str, rule: str, place: str, tmp_path: Path
) -> None:
    """Each mistake is told at its place."""
    root = spec(tmp_path, gateway=GATEWAY.replace(old, new))

    with pytest.raises(SpecError) as caught:
        load_gateways(root)

    found = [(p.rule, str(p.location)) for p in caught.value.problems]
    assert any(r == rule and at.endswith(place) for r, at in found), found


def test_an_overlay_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    """A target of yesterday's document is a problem with its position in the overlay."""
    root = spec(tmp_path, overlay=OVERLAY.replace("['415']", "['418']"))

    with pytest.raises(SpecError) as caught:
        load_gateways(root)

    assert "toybox-observed.overlay.yaml:8:5" in str(caught.value)


def test_an_unknown_gateway_is_a_usage_error(tmp_path: Path) -> None:
    """The names that exist are told."""
    with pytest.raises(UsageError, match=r"no such gateway: sandbox \(there are: toybox\)"):
        load_gateways(spec(tmp_path), ["sandbox"])
