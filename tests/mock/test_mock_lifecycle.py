"""A mock of either dialect, from the creation of a job to its deletion, by a clock turned by hand."""

from collections.abc import Iterator

import httpx2
import pytest

from mock.probing import probe_video
from mock.talk import Talk
from vidspec.contract import Contract
from vidspec.contract.schemas import Validators
from vidspec.mock import ManualClock, MockGateway, MockOptions, running
from vidspec.source import pointer_get

BOTH = ["openai", "kling"]


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    """Give the clock that every job of these tests runs by."""
    return ManualClock()


@pytest.fixture(scope="module")
def gateway(contract: Contract, clock: ManualClock) -> Iterator[MockGateway]:
    """Run both dialects at once, each under its name; jobs take ten seconds."""
    options = MockOptions(job_seconds=10, clock=clock)
    with running(*BOTH, contract=contract, options=options) as gateway:
        yield gateway


@pytest.fixture
def talk(
    request: pytest.FixtureRequest, gateway: MockGateway, contract: Contract
) -> Iterator[Talk]:
    """Speak one of the dialects to an empty mock."""
    gateway.reset()
    with httpx2.Client() as http:
        yield Talk(gateway, contract.dialects[request.param], http)


every_dialect = pytest.mark.parametrize("talk", BOTH, indirect=True)
with_content = pytest.mark.parametrize("talk", ["openai"], indirect=True)


@every_dialect
def test_job_goes_its_way(talk: Talk, clock: ManualClock) -> None:
    """The same job is seen queued, in progress with rising progress, and completed for good."""
    job = talk.create()
    assert job.state == "queued"
    seen = [job]
    for _ in range(12):
        seen.append(talk.retrieve(job.id))
        clock.advance(1)

    states = [view.state for view in seen]
    assert states == ["queued"] * 3 + ["in_progress"] * 8 + ["completed"] * 2
    assert {view.id for view in seen} == {job.id}
    progress = [view.progress for view in seen if view.progress is not None]
    assert progress == sorted(progress)


@every_dialect
@pytest.mark.parametrize("role", ["create", "retrieve", "list"])
def test_replies_validate_in_every_state(talk: Talk, clock: ManualClock, role: str) -> None:
    """Whatever the state, the reply is one that the specification allows."""
    validators = Validators(talk.dialect.document)
    pointer = talk.operation(role).success.contents[0].schema_pointer
    assert pointer is not None
    body = talk.operation("create").bodies[-1].examples[0].value
    first = talk.call("create", json=body)
    failing = talk.create(prompt="It breaks [fail]")
    identity = talk.job("create", first.json()).id
    replies = [first.json()] if role == "create" else []
    for _ in range(4):
        if role == "list":
            replies.append(talk.call("list").json())
        elif role == "retrieve":
            replies += [talk.call("retrieve", who).json() for who in (identity, failing.id)]
        clock.advance(4)

    assert [validators.errors(pointer, reply) for reply in replies] == [[]] * len(replies)


@every_dialect
def test_marked_prompt_fails(talk: Talk, clock: ManualClock) -> None:
    """A prompt with the marker makes the job fail, with an error where the dialect has one."""
    job = talk.create(prompt="A storm [fail]")
    clock.advance(10)
    seen = talk.retrieve(job.id)

    assert seen.state == "failed"
    assert any(name in seen.texts for name in ("error_code", "error_message"))


@every_dialect
def test_marked_prompt_is_moderated(talk: Talk) -> None:
    """A prompt with the other marker is refused as the dialect refuses, and costs nothing."""
    body = {**talk.operation("create").bodies[-1].examples[0].value, "prompt": "[moderated]"}
    response = talk.call("create", json=body)

    assert response.status_code == talk.dialect.causes["moderation"].status
    assert talk.gateway.paid_calls == 0


@every_dialect
def test_what_was_asked_is_echoed(talk: Talk, clock: ManualClock) -> None:
    """Length, prompt and size come back as they were asked for."""
    body = talk.operation("create").bodies[-1].examples[1].value
    job = talk.create(**body)
    clock.advance(10)
    seen = talk.retrieve(job.id)

    assert seen.seconds == float(body[talk.wire_name("create", "seconds")])
    for name in ("prompt", "size", "model"):
        if name in seen.texts:
            assert seen.texts[name] == body[talk.wire_name("create", name)]


@every_dialect
def test_unknown_job_is_refused(talk: Talk) -> None:
    """An id that names nothing gets the dialect's own not-found reply, with its message and request id."""
    response = talk.call("retrieve", "123456789012345678")
    cause = talk.dialect.causes["not_found"]

    assert response.status_code == cause.status
    assert "123456789012345678" in pointer_get(
        response.json(), talk.dialect.error_shape.message or ""
    )


@every_dialect
def test_caller_without_credential_is_refused(talk: Talk) -> None:
    """No credential, no answer."""
    response = talk.call("list", headers={"authorization": ""})

    assert response.status_code == talk.dialect.causes["unauthenticated"].status


@every_dialect
def test_invalid_request_is_refused_and_costs_nothing(talk: Talk) -> None:
    """A body that breaks the specification makes no job."""
    body = {"prompt": 5, "image": 5}
    response = talk.call("create", json=body)

    assert response.status_code == talk.dialect.causes["invalid_request"].status
    assert talk.gateway.paid_calls == 0
    assert talk.list() == []


@every_dialect
def test_list_is_newest_first_and_pages(talk: Talk) -> None:
    """Pages hold every job once, the newest first."""
    ids = [talk.create().id for _ in range(5)][::-1]
    paging = talk.operation("list").paging
    assert [job.id for job in talk.list()] == ids
    assert paging is not None
    if paging.kind == "page":
        pages = [talk.list(pageNum=n, pageSize=2) for n in (1, 2, 3, 4)]
    else:
        pages = [
            talk.list(limit=2, **after) for after in ({}, {"after": ids[1]}, {"after": ids[3]})
        ]

    assert [job.id for page in pages for job in page] == ids


@every_dialect
def test_paid_calls_are_counted(talk: Talk) -> None:
    """Every accepted creation counts, reading does not."""
    job = talk.create()
    talk.create()
    talk.retrieve(job.id)

    assert talk.gateway.paid_calls == 2


@pytest.mark.parametrize("talk", ["kling"], indirect=True)
def test_result_address_needs_no_key(talk: Talk, clock: ManualClock) -> None:
    """The address in a finished job serves the video to anybody, and nothing before."""
    job = talk.create(duration="10", aspect_ratio="9:16")
    clock.advance(10)
    (url,) = talk.retrieve(job.id).output_urls
    found = probe_video(talk.http.get(url).content)
    part = talk.http.get(url, headers={"range": "bytes=0-3"})

    assert (found.width, found.height, found.seconds) == (720, 1280, 10.0)
    assert part.status_code == 206
    assert talk.http.get(url.replace("/_media/", "/_media/x")).status_code == 404


@pytest.mark.parametrize("talk", ["kling"], indirect=True)
def test_job_is_found_by_the_callers_own_id(talk: Talk) -> None:
    """Where a caller may name a job, that name finds it; a job without one shows none."""
    job = talk.create(external_task_id="shot-07")

    assert talk.retrieve("shot-07").id == job.id
    assert talk.retrieve(job.id).raw["task_info"] == {"external_task_id": "shot-07"}
    assert talk.retrieve(talk.create().id).raw["task_info"] == {}


@with_content
def test_content_comes_only_when_finished(talk: Talk, clock: ManualClock) -> None:
    """Refused before completion; then the video asked for, with ranges, HEAD and a tag."""
    job = talk.create(size="1280x720", seconds="8")
    early = talk.call("content", job.id)
    clock.advance(10)
    whole = talk.call("content", job.id)
    part = talk.call("content", job.id, headers={"range": "bytes=0-9"})
    beyond = talk.call("content", job.id, headers={"range": "bytes=99999999-"})
    known = talk.call("content", job.id, headers={"if-none-match": whole.headers["etag"]})
    url = f"{talk.gateway.base_urls['openai']}/videos/{job.id}/content"
    head = talk.http.head(url, headers={"authorization": "Bearer x"})
    found = probe_video(whole.content)

    assert early.status_code == talk.dialect.causes["not_ready"].status
    assert (found.width, found.height, found.seconds) == (1280, 720, 8.0)
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert (beyond.status_code, "error" in beyond.json()) == (416, True)
    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


@with_content
def test_deleted_job_is_gone(talk: Talk, clock: ManualClock) -> None:
    """After deletion neither the job nor its content is there, nor can it be deleted again."""
    job = talk.create()
    clock.advance(10)
    reply = talk.call("delete", job.id)

    assert (reply.status_code, reply.json()["id"]) == (200, job.id)
    assert [talk.call(r, job.id).status_code for r in ("retrieve", "content", "delete")] == [
        404
    ] * 3
    assert talk.list() == []


@with_content
def test_remix_needs_a_finished_source_and_inherits(talk: Talk, clock: ManualClock) -> None:
    """A remix of a running job is refused; of a finished one it keeps size and length and names it."""
    job = talk.create(size="1792x1024", seconds="12", model="sora-2-pro")
    early = talk.call("remix", job.id, json={"prompt": "with snow"})
    clock.advance(10)
    made = talk.call("remix", job.id, json={"prompt": "with snow"}).json()

    assert early.status_code == talk.dialect.causes["source_not_ready"].status
    assert (made["size"], made["seconds"], made["model"]) == ("1792x1024", "12", "sora-2-pro")
    assert (made["prompt"], made["remixed_from_video_id"]) == ("with snow", job.id)
    assert made["id"] != job.id
    assert talk.gateway.paid_calls == 2


@with_content
def test_extension_adds_to_the_length(talk: Talk, clock: ManualClock) -> None:
    """The length of an extended video is that of both parts."""
    job = talk.create(seconds="8")
    clock.advance(10)
    body = {"prompt": "on", "seconds": "12", "video": {"id": job.id}}

    assert talk.call("extend", json=body).json()["seconds"] == "20"


@with_content
def test_models_and_model(talk: Talk) -> None:
    """A listed model is found by its id, another is not."""
    models = [model["id"] for model in talk.call("models").json()["data"]]

    assert talk.call("model", models[1]).json()["id"] == models[1]
    assert talk.call("model", "no-such-model").status_code == 404


def test_each_dialect_has_its_own_jobs(gateway: MockGateway, contract: Contract) -> None:
    """Dialects of one mock share a store and see only their own jobs."""
    gateway.reset()
    with httpx2.Client() as http:
        one, other = (Talk(gateway, contract.dialects[name], http) for name in BOTH)
        one.create()

        assert (len(one.list()), other.list()) == (1, [])
        assert gateway.paid_calls == 1


def test_unknown_prefix_names_the_dialects(gateway: MockGateway) -> None:
    """A path under no dialect says which there are."""
    response = httpx2.get(f"{gateway.url}/nothing/v1/videos")

    assert (response.status_code, response.text) == (404, "/openai\n/kling\n")
