"""The openapi-python-client flavour of every dialect works against the mock, and its generator's known holes are closed."""

import asyncio
import contextlib
import importlib
import io
import socket
import sys
import threading
import time
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from mypy import api as mypy
from openapi_python_client.strings import snake_case

from client.wire import json_reply, reply, serving
from emit.test_hostile import HOSTILE, code, shape
from emit.toy_document import before, contract, dialect
from mock.player import sample
from mock.probing import probe_video
from vidspec.contract import Dialect, JobView, Operation, load_contract, read_job
from vidspec.emit import FileTree, find_emitter, write_folder
from vidspec.emit.client_fields import constant
from vidspec.emit.opc.document import plain_document
from vidspec.errors import VidspecError
from vidspec.mock import MockGateway, running
from vidspec.mock.describe import describe
from vidspec.source import pointer_get, pointer_set

NAME = "openapi-python-client"
OWN = load_contract()
PNG = b"\x89PNG\r\n\x1a\n"
#: What a chosen picture would have to hold to add a field, were the boundary known.
INJECTION = (
    PNG
    + b'\r\n--+++\r\nContent-Disposition: form-data; name="model"\r\n\r\nsora-2-pro\r\n--+++--\r\n'
)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Emit all packages and make them importable."""
    folder = tmp_path_factory.mktemp("packages")
    write_folder(find_emitter(NAME)(OWN), folder, NAME)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [
        m for m in sys.modules if m.split(".")[0].endswith("_client") and m in sys.modules
    ]:
        if (folder / name.split(".")[0]).is_dir():
            del sys.modules[name]


def operation_module(folder: Path, spoken: Dialect, operation: Operation) -> ModuleType:
    said = pointer_get(spoken.document, operation.pointer)
    name = snake_case(said["operationId"])
    package = f"{spoken.name}_client"
    [found] = (folder / package / "api").rglob(f"{name}.py")
    return importlib.import_module(f"{package}.api.{found.parent.name}.{name}")


def client_of(spoken: Dialect, base_url: str) -> Any:
    package = importlib.import_module(f"{spoken.name}_client")
    place = next(iter(describe(spoken).schemes.values()))
    return package.AuthenticatedClient(
        base_url=base_url, token="any", prefix=place.prefix, auth_header_name=place.name
    )


def arguments(spoken: Dialect, operation: Operation, **said: Any) -> dict[str, Any]:
    made = {snake_case(name): value for _, name, value in operation.fixed}
    for parameter in operation.parameters:
        meaning = parameter.canonical.name if parameter.canonical else ""
        if meaning in said:
            made[snake_case(parameter.name)] = said[meaning]
        elif parameter.required and constant(parameter, spoken.document) is None:
            made[snake_case(parameter.name)] = sample(parameter.schema, spoken)
    return made


def body_of(module: ModuleType, value: Any) -> Any:
    """Make the body that takes ``value`` of the classes that the operation takes."""
    wanted = typing.get_type_hints(module.sync_detailed)["body"]
    for kind in typing.get_args(wanted) or (wanted,):
        with contextlib.suppress(KeyError, AttributeError):
            made = kind.from_dict(value)
            if not made.additional_properties:
                return made
    raise AssertionError(wanted)


def job_of(spoken: Dialect, operation: Operation, response: Any) -> JobView:
    assert response.status_code == int(operation.success.status), response
    job = pointer_get(response.parsed.to_dict(), operation.job or "")
    return read_job(spoken.surfaces[operation.surface], job)


@pytest.mark.parametrize("name", OWN.dialects)
def test_it_creates_polls_and_downloads(packages: Path, name: str, tmp_path: Path) -> None:
    spoken = OWN.dialects[name]
    with running(name, job_seconds=0.1) as gateway, client_of(spoken, gateway.base_url) as client:
        surfaces = [o.surface for o in spoken.roles("create")]
        for surface in dict.fromkeys(surfaces):
            target = tmp_path / f"{surface}.mp4"
            play(packages, spoken, surface, client, target)
            assert probe_video(target.read_bytes()).frames > 0
        assert gateway.paid_calls == len({*surfaces})


def play(folder: Path, spoken: Dialect, surface: str, client: Any, target: Path) -> None:
    create, retrieve = spoken.by_role("create", surface), spoken.by_role("retrieve", surface)
    assert create is not None
    assert retrieve is not None
    module = operation_module(folder, spoken, create)
    value = next(b for b in create.bodies if "json" in b.media_type).examples[0].value
    made = module.sync_detailed(
        client=client, body=body_of(module, value), **arguments(spoken, create)
    )
    identity = job_of(spoken, create, made).id
    module = operation_module(folder, spoken, retrieve)
    asked = arguments(spoken, retrieve, job_id=identity)
    named = retrieve.field("job_id")
    if named:
        value = pointer_set(retrieve.bodies[0].examples[0].value, f"/{named.name}", identity)
        asked["body"] = body_of(module, value)
    deadline = time.monotonic() + 10
    while (
        job := job_of(spoken, retrieve, module.sync_detailed(client=client, **asked))
    ).state != "completed":
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    content = spoken.by_role("content", surface)
    if content is None:
        target.write_bytes(httpx.get(job.output_urls[0]).content)
        return
    module = operation_module(folder, spoken, content)
    module.sync_save(target, client=client, **arguments(spoken, content, job_id=identity))


@pytest.fixture(scope="module")
def gateway() -> Iterator[MockGateway]:
    with running("openai", job_seconds=0) as started:
        yield started


def test_a_picture_cannot_add_a_field(packages: Path) -> None:
    spoken = OWN.dialects["openai"]
    create = spoken.by_role("create")
    assert create is not None
    module = operation_module(packages, spoken, create)
    models = importlib.import_module("openai_client.models")
    types = importlib.import_module("openai_client.types")
    picture = types.File(io.BytesIO(INJECTION), "a.png", "image/png")
    body = models.CreateVideoMultipartBody(prompt="a fox", model="sora-2", input_reference=picture)

    with serving(json_reply(200, "{}")) as server, client_of(spoken, f"{server.url}/v1") as client:
        with contextlib.suppress(Exception):
            module.sync_detailed(client=client, body=body)
        [sent] = server.seen
    boundary = sent.headers["content-type"].partition("boundary=")[2].encode()

    assert len(boundary) >= 32
    assert sent.body.count(b"--" + boundary) == 4
    assert INJECTION in sent.body


def test_the_mock_reads_the_picture_and_nothing_more(packages: Path, gateway: MockGateway) -> None:
    spoken = OWN.dialects["openai"]
    create = spoken.by_role("create")
    assert create is not None
    module = operation_module(packages, spoken, create)
    models = importlib.import_module("openai_client.models")
    types = importlib.import_module("openai_client.types")
    picture = types.File(io.BytesIO(INJECTION), "a.png", "image/png")
    body = models.CreateVideoMultipartBody(prompt="a fox", model="sora-2", input_reference=picture)

    with client_of(spoken, gateway.base_url) as client:
        made = module.sync_detailed(client=client, body=body)

    assert (made.status_code, made.parsed.model) == (200, "sora-2")


def retrieved(spoken: Dialect, folder: Path, answer: bytes) -> Any:
    operation = spoken.by_role("retrieve")
    assert operation is not None
    module = operation_module(folder, spoken, operation)
    with serving(answer) as server, client_of(spoken, f"{server.url}/v1") as client:
        return module.sync_detailed("video_1", client=client)


def test_an_unknown_status_is_a_word_like_any_other(packages: Path) -> None:
    spoken = OWN.dialects["openai"]
    operation = spoken.by_role("retrieve")
    assert operation is not None
    example = operation.success.contents[0].examples[0].value
    text = httpx.Request("GET", "http://a", json=example | {"status": "paused"}).content.decode()

    assert retrieved(spoken, packages, json_reply(200, text)).parsed.status == "paused"


@pytest.mark.parametrize("status", [529, 599, 299])
def test_a_status_without_a_name_is_a_number(packages: Path, status: int) -> None:
    answer = reply(status, b'{"error": {"message": "busy"}}', content_type="application/json")

    assert retrieved(OWN.dialects["openai"], packages, answer).status_code == status


def test_an_error_page_loses_nothing(packages: Path) -> None:
    answer = retrieved(
        OWN.dialects["openai"], packages, reply(502, b"<html>", content_type="text/html")
    )

    assert (answer.status_code, answer.content, answer.parsed) == (502, b"<html>", None)


def test_a_success_of_another_shape_is_an_error_that_holds_it(packages: Path) -> None:
    errors = importlib.import_module("openai_client.errors")

    with pytest.raises(errors.UnfitReply) as caught:
        retrieved(OWN.dialects["openai"], packages, json_reply(200, '{"no": "video"}'))

    assert (caught.value.status_code, caught.value.content) == (200, b'{"no": "video"}')


def test_asyncio_saves_and_refusals_are_typed(
    packages: Path, gateway: MockGateway, tmp_path: Path
) -> None:
    spoken = OWN.dialects["openai"]
    create, content = spoken.by_role("create"), spoken.by_role("content")
    assert create is not None
    assert content is not None
    making, saving = (operation_module(packages, spoken, o) for o in (create, content))
    errors = importlib.import_module("openai_client.errors")
    models = importlib.import_module("openai_client.models")

    async def main() -> int:
        async with client_of(spoken, gateway.base_url) as client:
            body = models.CreateVideoJsonBody(prompt="a fox")
            video = await making.asyncio(client=client, body=body)
            with pytest.raises(errors.Refused) as caught:
                await saving.asyncio_save(tmp_path / "none.mp4", "video_none", client=client)
            assert caught.value.response.status_code == 404
            assert isinstance(caught.value.response.parsed, models.ErrorResponse)
            return int(await saving.asyncio_save(tmp_path / "v.mp4", video.id, client=client))

    assert asyncio.run(main()) == (tmp_path / "v.mp4").stat().st_size
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]


def test_a_torn_download_leaves_no_file(packages: Path, tmp_path: Path) -> None:
    spoken = OWN.dialects["openai"]
    content = spoken.by_role("content")
    assert content is not None
    module = operation_module(packages, spoken, content)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 9\r\n\r\n"
    with (
        serving(head + b"mp4") as server,
        client_of(spoken, f"{server.url}/v1") as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        module.sync_save(tmp_path / "v.mp4", "video_1", client=client)

    assert not list(tmp_path.iterdir())


def test_a_cancelled_download_leaves_no_file(packages: Path, tmp_path: Path) -> None:
    """Cancelled while bytes still come; what stood under the name before stays."""
    spoken = OWN.dialects["openai"]
    content = spoken.by_role("content")
    assert content is not None
    module = operation_module(packages, spoken, content)
    begun, over = threading.Event(), threading.Event()
    (tmp_path / "v.mp4").write_bytes(b"before")

    def slow(connection: socket.socket, _seen: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 9\r\n\r\n"
        connection.sendall(head + b"mp4")
        begun.set()
        over.wait(20)

    def arrives() -> None:
        assert begun.wait(20)
        deadline = time.monotonic() + 20
        while not list(tmp_path.glob("*.part")):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    async def main(url: str) -> None:
        async with client_of(spoken, url) as client:
            saving = asyncio.create_task(
                module.asyncio_save(tmp_path / "v.mp4", "video_1", client=client)
            )
            await asyncio.to_thread(arrives)
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving

    with serving(default=slow) as server:
        try:
            asyncio.run(asyncio.wait_for(main(f"{server.url}/v1"), 60))
        finally:
            over.set()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("v.mp4", b"before")]


def test_the_packages_are_strictly_typed(packages: Path, tmp_path: Path) -> None:
    found = [str(packages / f"{name}_client") for name in list(OWN.dialects)]

    told, _, code = mypy.run(["--strict", "--cache-dir", str(tmp_path), *found])

    assert code == 0, told


def test_one_http_operation_is_one_method() -> None:
    for spoken in OWN.dialects.values():
        document = plain_document(spoken)
        count = sum(len(item) for item in document["paths"].values())
        assert count == len({o.pointer for o in spoken.operations}), spoken.name


@pytest.fixture(scope="module")
def harmless() -> FileTree:
    return find_emitter(NAME)(contract(dialect(text=before("Plain "))))


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_changes_names_of_values_and_constants_only(evil: str, harmless: FileTree) -> None:
    tree = find_emitter(NAME)(contract(dialect(text=lambda word: f"{evil}{word}{evil}")))

    assert tree.keys() == harmless.keys()
    for path in code(tree):
        assert shape(tree[path]) == shape(harmless[path]), path


@pytest.mark.parametrize("evil", ["../", '"""', "{{ x }}", "a\nimport os\n"])
def test_names_that_it_cannot_read_are_refused(evil: str) -> None:
    with pytest.raises(VidspecError, match="left out"):
        find_emitter(NAME)(contract(dialect(name=before(evil))))


def test_what_the_generator_drops_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from vidspec.emit.opc import package

    def broken(spoken: Dialect) -> dict[str, Any]:
        document = plain_document(spoken)
        for item in document["paths"].values():
            for operation in item.values():
                operation["responses"]["200"] = {
                    "description": "",
                    "content": {"video/mp4": {"schema": {"type": "string"}}},
                }
        return document

    monkeypatch.setattr(package, "plain_document", broken)

    with pytest.raises(VidspecError, match="video/mp4"):
        find_emitter(NAME)(contract(dialect()))
