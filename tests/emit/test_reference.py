"""The reference is what the specification gives, and each of its examples works."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emit.toy_document import before, contract, dialect
from vidspec.contract import Dialect, Operation, load_contract, read_job
from vidspec.emit import compare_folder, find_emitter
from vidspec.emit.names import PythonIdentifier
from vidspec.emit.samples import VARIABLES
from vidspec.mock import MockGateway, running
from vidspec.source import pointer_get

DOCS = Path(__file__).parents[2] / "docs" / "reference"
OWN = load_contract()
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def examples(page: str) -> dict[str, str]:
    """Return the example under each heading of a page; the first one is that of the title."""
    sections = re.split(r"^#{1,3} ", page, flags=re.MULTILINE)[1:]
    found = {}
    for section in sections:
        code = re.search(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
        if code:
            found[section.partition("\n")[0]] = code[1]
    return found


class Reader:
    """Somebody who types the examples of one page in."""

    def __init__(self, spoken: Dialect, gateway: MockGateway) -> None:
        self.spoken, self.gateway = spoken, gateway
        title, *_ = self.page = examples((DOCS / f"{spoken.name}.md").read_text())
        self.names: dict[str, Any] = {}
        exec(self.page[title], self.names)

    def close(self) -> None:
        self.names["client"].close()

    def run(self, code: str, **values: Any) -> Any:
        for name in re.findall(r'Path\("([^"]+)"\)', code):
            Path(name).write_bytes(PNG)
        names = self.names | values
        exec(code, names)
        return names.get("reply")

    def message(self, operation: Operation) -> Any:
        reply = self.run(self.page[operation.id], **self.known(operation))
        return reply.model_dump(mode="json", by_alias=True) if reply is not None else None

    def known(self, operation: Operation) -> dict[str, Any]:
        """Return what a call of the operation takes from earlier replies."""
        meant = [(p.name, p.canonical) for p in operation.parameters]
        meant += [(f.name, f.canonical) for b in operation.bodies for f in b.fields]
        made = {
            str(PythonIdentifier.of(name)): self.earlier(canonical.name, operation)
            for name, canonical in meant
            if canonical and canonical.name in VARIABLES
        }
        code = self.page[operation.id]
        return made | ({"video_id": self.job(operation)} if "video_id" in code else {})

    def earlier(self, meaning: str, operation: Operation) -> Any:
        if meaning == "job_id":
            return self.job(operation)
        if meaning == "character_id":
            return self.message(self.role("character_create"))["id"]
        source = self.role("models" if meaning == "model_id" else "artifacts")
        items = pointer_get(self.message(source), source.items or "")
        return items[0]["id" if meaning == "model_id" else "key"]

    def role(self, role: str) -> Operation:
        return next(self.spoken.roles(role))

    def job(self, operation: Operation) -> str:
        create = self.spoken.by_role("create", operation.surface) or self.role("create")
        message = pointer_get(self.message(create), create.job or "")
        identity = read_job(self.spoken.surfaces[create.surface], message).id
        assert identity is not None
        return identity


@pytest.fixture(params=list(OWN.dialects))
def reader(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Reader]:
    spoken = OWN.dialects[request.param]
    monkeypatch.chdir(tmp_path)
    with running(spoken.name, job_seconds=0) as gateway:
        for purpose, variable in spoken.environment.items():
            monkeypatch.setenv(variable, gateway.base_url if purpose == "base_url" else "any")
        found = Reader(spoken, gateway)
        yield found
        found.close()


def test_every_example_works(reader: Reader, tmp_path: Path) -> None:
    for operation in reader.spoken.operations:
        paid = reader.gateway.paid_calls
        reader.message(operation)
        assert not operation.paid or reader.gateway.paid_calls > paid, operation.id
        if operation.role == "content":
            saved = [p for p in tmp_path.glob("video.*") if p.stat().st_size]
            assert saved, operation.id
            saved[0].unlink()
    for surface in reader.spoken.surfaces.values():
        retrieve = reader.spoken.by_role("retrieve", surface.name)
        assert retrieve is not None
        code = reader.page[f"Jobs: {surface.title}"]
        reader.run(code, **reader.known(retrieve))
        if ".save(" not in code:
            assert reader.spoken.by_role("artifacts", surface.name)
            continue
        assert (tmp_path / "video-0.mp4").stat().st_size > 0
        (tmp_path / "video-0.mp4").unlink()


def test_every_operation_cause_and_word_is_there() -> None:
    for spoken in OWN.dialects.values():
        page = (DOCS / f"{spoken.name}.md").read_text()
        for operation in spoken.operations:
            section = page.split(f"### {operation.id}\n")[1].split("\n### ")[0]
            assert f"{operation.method} {operation.path}" in section
            wanted = {p.name for p in operation.parameters}
            wanted |= {f.name for b in operation.bodies for f in b.fields}
            assert {name for name in wanted if f"`{name}`" not in section} == set()
            assert all(f"| `{reply.status}` |" in section for reply in operation.replies)
        assert all(f"| {cause} |" in page for cause in spoken.causes)
        words = [word for surface in spoken.surfaces.values() for word in surface.states]
        assert all(f"| `{word}` |" in page for word in words)


def test_the_reference_is_what_the_specification_gives() -> None:
    drift = compare_folder(find_emitter("markdown")(OWN), DOCS, "markdown")

    assert not drift, "run: vidspec generate --emitter markdown --output docs/reference"


def test_hostile_words_begin_nothing() -> None:
    pages = find_emitter("markdown")(contract(dialect(text=before("|`\n# x\n```\n<b> "))))

    text = pages["toy.md"].decode()

    assert not re.search(r"^(# x|<b>)", text, flags=re.MULTILINE)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    columns = {len(re.findall(r"(?<!\\)\|", row)) - 1 for row in rows}
    assert columns <= {2, 3, 6}
