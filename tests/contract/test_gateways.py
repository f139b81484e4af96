"""Reading and linting gateways: a dialect, and what is done to it."""

import shutil
from pathlib import Path

import pytest
import yaml

from contract.test_lint import BREAKS
from vidspec.contract import lint_specification, load_gateways
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


def lint_problems(root: Path) -> dict[str, list[str]]:
    """Return what lint says: rule → places."""
    with pytest.raises(SpecError) as caught:
        lint_specification(root)
    found: dict[str, list[str]] = {}
    for problem in caught.value.problems:
        found.setdefault(problem.rule, []).append(str(problem.location))
    return found


def test_lint_reads_gateways(tmp_path: Path) -> None:
    """A sound one is counted, so that each complaint below is the change's doing."""
    assert [*lint_specification(spec(tmp_path))[1]] == ["toybox"]


@pytest.mark.parametrize("name", BREAKS)
def test_every_rule_holds_for_what_an_overlay_makes(name: str, tmp_path: Path) -> None:
    """The same breaks that a document can have, made by an overlay: the same rule complains."""
    old, new, rule, at = BREAKS[name]
    text = (TOY / "dialects/toy/openapi.yaml").read_text()
    broken, sound = yaml.safe_load(text.replace(old, new, 1)), yaml.safe_load(text)
    actions: list[dict[str, object]] = [{"target": f"$['{k}']", "remove": True} for k in sound]
    actions.append({"target": "$", "update": broken})
    overlay = {"overlay": "1.0.0", "info": {"title": "Broken", "version": "1"}, "actions": actions}
    root = spec(tmp_path, overlay=yaml.safe_dump(overlay, sort_keys=False, width=1000))

    places = lint_problems(root)[rule]

    # What is missing altogether has the place of the document.
    whole = at == "openapi:"
    assert all(("openapi.yaml:1:1" if whole else "overlay.yaml:") in place for place in places)


@pytest.mark.parametrize(
    ("action", "rule", "place"),
    [
        ("{target: '$.paths.*.post', update: {deprecated: maybe}}", "openapi-schema", "4:41"),
        ("{target: $.components.schemas.Clip, update: {type: thing}}", "json-schema", "4:50"),
        ("{target: $.components.schemas.Gone, remove: true}", "overlay-no-match", "4:6"),
        ("{target: '$.paths[', remove: true}", "overlay-target", "4:6"),
        ("{target: $.info, updat: {}}", "overlay-action", "4:5"),
        ("{target: $.info, update: {title: !!str x}}", "yaml-tag", "4:38"),
    ],
)
def test_lint_holds_overlays(action: str, rule: str, place: str, tmp_path: Path) -> None:
    """What is wrong with the overlay, or with the document that it makes, is told at its place in the overlay."""
    head = "overlay: 1.0.0\ninfo: {title: As seen, version: '1'}\nactions:\n"
    root = spec(tmp_path, overlay=f"{head}  - {action}\n")

    found = lint_problems(root)

    assert any(at.endswith(f"overlay.yaml:{place}") for at in found.get(rule, [])), found


def test_an_overlay_that_no_gateway_names_is_told(tmp_path: Path) -> None:
    """Nobody would ever read it; and what else is wrong is told with it."""
    root = spec(tmp_path)
    (root / "gateways/old.overlay.yaml").write_text("{")
    (root / "gateways/toybox.yaml").write_text(GATEWAY.replace("toy\n", "tin\n"))

    found = lint_problems(root)

    assert found["gateway-overlay"][0].endswith("old.overlay.yaml:1:1")
    assert "gateway-dialect" in found


def test_lint_tells_the_problems_of_documents_and_gateways_together(tmp_path: Path) -> None:
    root = spec(tmp_path, gateway=GATEWAY.replace("name: toybox", "name: box"))
    path = root / "dialects/toy/openapi.yaml"
    path.write_text(path.read_text().replace("      summary: Make a clip\n", ""))

    assert {"operation-summary", "gateway-name"} <= {*lint_problems(root)}


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
    assert any(at.endswith(place) for at in lint_problems(root)[rule])


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
