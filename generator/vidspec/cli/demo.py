"""``vidspec demo``: everything at once, without a key, money or a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vidspec.cli.options import spec_option

if TYPE_CHECKING:
    from vidspec.cli.bars import Bar
    from vidspec.contract import Contract, Dialect

_PROMPT = "A paper boat sails down a rain gutter, close to the water, golden evening light"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    *,
    output: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("demo"),
    dialect: Annotated[list[str] | None, typer.Option(help="Only these dialects.")] = None,
    check: Annotated[bool, typer.Option(help="Judge each mock too, and write the report.")] = True,
    spec: spec_option = None,
) -> None:
    """Make a video at a mock of each dialect, save it, and judge the mock."""
    from vidspec.cli.bars import Bar, bars
    from vidspec.contract import load_contract
    from vidspec.mock import running

    contract = load_contract(spec, dialect or None)
    names = tuple(contract.dialects)
    output.mkdir(parents=True, exist_ok=True)
    with bars(keep=True) as progress:
        for name in names:
            line = Bar(progress, name)
            with running(name, contract=contract, job_seconds=1.0) as gateway:
                _make(contract.dialects[name], gateway.base_url, output / f"{name}.mp4", line)
                verdict = _judge(contract, name, gateway.base_url, output) if check else "saved"
            line.note(verdict)
    for path in sorted(output.glob("*")):
        if path.name.partition(".")[0].removesuffix("-report") in names:
            typer.echo(path)


def _make(dialect: "Dialect", base_url: str, path: Path, line: "Bar") -> None:
    """Make and save one video through the client over all dialects."""
    from vidspec_client import VideoClient

    # The mock takes any key; a dialect that signs its requests needs all the parts.
    secrets = dict.fromkeys(dialect.environment.keys() - {"base_url"}, "demo")
    with VideoClient(
        dialect.name, base_url=base_url, secrets=secrets, profile="published"
    ) as client:
        client.generate(
            _PROMPT,
            path,
            model=_example_model(dialect),
            interval=0.1,
            on_update=line.update,
            progress=line.received,
        )


def _example_model(dialect: "Dialect") -> str | None:
    """Return the model that the document's own example of a create names."""
    create = dialect.by_role("create")
    field = create.field("model") if create else None
    for body in create.bodies if create and field else ():
        for example in body.examples:
            if field and isinstance(example.value, dict) and field.name in example.value:
                return str(example.value[field.name])
    return None


def _judge(contract: "Contract", name: str, base_url: str, output: Path) -> str:
    """Check the mock, write the report, and say how it went."""
    from vidspec.conformance import Options, Target, render
    from vidspec.conformance import check as judge

    secrets = dict.fromkeys(
        contract.dialects[name].environment.keys() - {"base_url", "api_key"}, "demo"
    )
    target = Target(base_url=base_url, dialect=name, api_key="demo", secrets=secrets)
    run = judge(contract, target, Options(mode="smoke", poll_interval=0.1))
    report = render(run, "html")
    (output / f"{name}-report.html").write_text(report, encoding="utf-8")
    verdicts = {0: "conformant", 1: "not conformant"}
    return f"saved, {verdicts.get(run.exit_code, 'not measured')}"
