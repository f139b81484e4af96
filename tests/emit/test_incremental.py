"""What has not changed is neither read nor written again; what has, always is."""

import shutil
from pathlib import Path

import pytest

from vidspec.contract import load_contract
from vidspec.emit import (
    Settings,
    compare_tree,
    models,
    read_tree,
    regenerate,
    remember,
    write_tree,
)
from vidspec.emit.inputs import CACHE
from vidspec.emit.memory import Written
from vidspec.emit.schemas import Schemas
from vidspec.errors import SpecError, UsageError

TOY = Path(__file__).parent.parent / "cases" / "toy"
GATEWAY = """\
name: {name}
title: A gateway
summary: Somebody who speaks toy.
dialect: {dialect}
base_url: https://{name}.example/v1
environment: {{api_key: KEY, base_url: BASE}}
profiles:
  published: {{overlay: null}}
  observed: {{overlay: null}}
source: made up
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """Two dialects and a gateway of the first."""
    root = tmp_path / "spec"
    shutil.copytree(TOY, root)
    other = root / "dialects" / "other" / "openapi.yaml"
    other.parent.mkdir()
    text = (root / "dialects" / "toy" / "openapi.yaml").read_text()
    other.write_text(text.replace("name: toy", "name: other"))
    (root / "gateways").mkdir()
    (root / "gateways" / "shop.yaml").write_text(GATEWAY.format(name="shop", dialect="toy"))
    return root


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell which dialects are read."""
    seen: list[str] = []

    def spy(root: Path, dialects: list[str], **options: object) -> object:
        seen.extend(d for d in dialects if d not in seen)
        return load_contract(root, dialects, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("vidspec.contract.load_contract", spy)
    return seen


def generate(spec: Path, output: Path, settings: Settings | None = None) -> set[str]:
    """Generate and write; return the paths written."""
    tree, inputs = regenerate(spec, output, settings or Settings())
    drift = write_tree(tree, output)
    assert inputs is not None
    remember(output, inputs)
    assert not compare_tree(tree, output)
    return {*drift.missing, *drift.changed, *drift.orphaned}


def fresh(spec: Path, output: Path) -> dict[str, bytes]:
    """Return what is emitted where nothing lies."""
    return dict(regenerate(spec, output, Settings(), cache=False)[0])


def mtimes(folder: Path) -> dict[str, int]:
    files = (p for p in folder.rglob("*") if p.is_file() and CACHE not in p.parts)
    return {p.relative_to(folder).as_posix(): p.stat().st_mtime_ns for p in files}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_changed_reads_and_touches_nothing(
    spec: Path, tmp_path: Path, read: list[str]
) -> None:
    out = tmp_path / "out"
    generate(spec, out)
    before = mtimes(out)
    read.clear()

    assert generate(spec, out) == set()
    assert read == []
    assert before == mtimes(out)


def test_one_dialect_changed_reads_and_touches_only_it(
    spec: Path, tmp_path: Path, read: list[str]
) -> None:
    out = tmp_path / "out"
    generate(spec, out)
    before = mtimes(out)
    read.clear()
    edit(spec / "dialects/other/openapi.yaml", "  title: Toy\n", "  title: Other\n")

    written = generate(spec, out)

    assert read == ["other"]
    touched = {path for path, time in mtimes(out).items() if before.get(path) != time}
    assert written == touched
    assert {"vidspec_client/other/__init__.py", "manifest.json"} <= touched
    assert not [path for path in touched if "/toy/" in path or "_runtime" in path]


def test_models_are_written_anew_only_if_their_schemas_have_changed(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is remembered gives the same bytes; what is damaged in the memory is not used."""
    out, path = tmp_path / "out", spec / "dialects/other/openapi.yaml"
    generate(spec, out)
    made: list[Schemas] = []
    write = models._generate

    def spy(schemas: Schemas) -> Written:
        made.append(schemas)
        return write(schemas)

    monkeypatch.setattr(models, "_generate", spy)
    edit(path, "  title: Toy\n", "  title: Other\n")
    generate(spec, out)
    assert not made
    assert read_tree(out, Settings().packages) == fresh(spec, tmp_path / "fresh")

    made.clear()
    edit(
        path,
        "        clip: {type: string}\n",
        "        clip: {type: string, description: One job.}\n",
    )
    generate(spec, out)
    assert len(made) == 2
    assert '"""One job."""' in (out / "vidspec_client/other/models.py").read_text()

    made.clear()
    cache = out / CACHE / "inputs.json"
    edit(cache, "One job", "Some job")
    edit(path, "  title: Other\n", "  title: Another\n")
    generate(spec, out)
    assert len(made) == 2
    assert read_tree(out, Settings().packages) == fresh(spec, tmp_path / "fresh")


@pytest.mark.parametrize("damage", ["edit", "delete", "old checkout", "cache", "old cache"])
def test_what_was_done_to_the_output_is_seen(damage: str, spec: Path, tmp_path: Path) -> None:
    """The memory of the inputs never hides what happened to the files."""
    out = tmp_path / "out"
    path = spec / "dialects/toy/openapi.yaml"
    said = path.read_text()
    edit(path, "  title: Toy\n", "  title: Old\n")
    generate(spec, out)
    shutil.copytree(out, tmp_path / "old", ignore=shutil.ignore_patterns(CACHE))
    path.write_text(said)
    generate(spec, out)
    stub = out / "vidspec_server/toy/service.py"
    if damage == "edit":
        stub.write_bytes(stub.read_bytes() + b"x = 1\n")
    elif damage == "delete":
        stub.unlink()
    elif damage == "old checkout":
        shutil.copytree(tmp_path / "old", out, dirs_exist_ok=True)
    else:
        (out / CACHE / "inputs.json").write_text("[]" if damage == "cache" else "{}")

    generate(spec, out)

    assert "Client of Toy:" in (out / "vidspec_client/toy/__init__.py").read_text()
    assert b"x = 1" not in stub.read_bytes()


def test_a_new_gateway_and_a_lost_dialect_are_seen(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generate(spec, out)

    (spec / "gateways/stall.yaml").write_text(GATEWAY.format(name="stall", dialect="other"))
    assert "vidspec_client/_gateways/stall.py" in generate(spec, out)
    (spec / "gateways/stall.yaml").unlink()
    shutil.rmtree(spec / "dialects/other")
    gone = generate(spec, out)

    assert {"vidspec_client/_gateways/stall.py", "vidspec_server/other/app.py"} <= gone
    assert not (out / "vidspec_client/other").exists()


def test_a_changed_dialect_is_held_against_the_rules(spec: Path, tmp_path: Path) -> None:
    """Only a sound specification is emitted, also the second time."""
    out = tmp_path / "out"
    generate(spec, out)
    edit(spec / "dialects/toy/openapi.yaml", "broken: failed}", "broken: failed, lost: expired}")

    with pytest.raises(SpecError, match="status-total"):
        generate(spec, out)


def test_packages_have_the_names_asked_for(spec: Path, tmp_path: Path) -> None:
    """A client alone under a name of one's own; the packages of before go."""
    out = tmp_path / "out"
    generate(spec, out)

    generate(spec, out, Settings("my_client", None))

    assert {p.name for p in out.iterdir()} == {"my_client", "manifest.json", CACHE}
    assert (out / "my_client/_gateways/shop.py").is_file()
    assert not [p for p in (out / "my_client").rglob("*.py") if b"import vidspec" in p.read_bytes()]
    assert generate(spec, out, Settings("my_client", None)) == set()


@pytest.mark.parametrize(
    ("client", "server"), [("my-client", None), ("class", None), ("a/b", "c"), ("same", "same")]
)
def test_impossible_names_are_refused(client: str, server: str | None) -> None:
    with pytest.raises(UsageError, match="package"):
        Settings(client, server)


def test_a_template_of_ones_own_wins(spec: Path, tmp_path: Path) -> None:
    """It may take in ours; a changed one is noticed."""
    mine = tmp_path / "mine" / "client" / "__init__.py.jinja"
    mine.parent.mkdir(parents=True)
    mine.write_text('# Mine.\n{% include "vidspec:client/__init__.py.jinja" %}')
    (tmp_path / "mine" / "notice.jinja").write_text("# Shared.\n")
    settings = Settings(templates=tmp_path / "mine")
    out = tmp_path / "out"

    generate(spec, out, settings)
    assert "# Mine.\n" in (out / "vidspec_client/toy/__init__.py").read_text()
    mine.write_text('{% include "notice.jinja" %}{% include "vidspec:client/__init__.py.jinja" %}')
    written = generate(spec, out, settings)

    assert written == {"vidspec_client/other/__init__.py", "vidspec_client/toy/__init__.py"} | {
        "manifest.json"
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\n{{ view.nothing }}", "3: 'vidspec.emit.view.DialectView object' has no attribute"),
        ("\n{{ nothing }}", "2: 'nothing' is undefined"),
        ("\n{% if %}", "2: Expected an expression"),
        ("{{ view.source.title }}", "1: a template prints str"),
        ('\n{% include "gone.jinja" %}', "2: gone.jinja"),
    ],
)
def test_a_mistake_in_a_template_has_its_place(
    text: str, said: str, spec: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine" / "server" / "app.py.jinja"
    mine.parent.mkdir(parents=True)
    mine.write_text(text)

    with pytest.raises(UsageError) as caught:
        generate(spec, tmp_path / "out", Settings(templates=tmp_path / "mine"))

    assert f"{mine}:{said}" in caught.value.message
    assert not (tmp_path / "out").exists()


def test_a_template_that_would_never_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "clients.py.jinja").touch()

    with pytest.raises(UsageError, match=r"no template 'client/clients\.py\.jinja'") as caught:
        Settings(templates=tmp_path)

    assert caught.value.hint == "Did you mean client/client.py.jinja?"
