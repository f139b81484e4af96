"""Every dialect in every profile is played from the first call to the last, and every reply is a documented one."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

import vidspec_server
from mock.player import Player, with_prompt
from mock.probing import probe_video
from vidspec.contract import (
    Contract,
    Dialect,
    JobView,
    Operation,
    load_contract,
    load_gateways,
    read_job,
)
from vidspec.errors import UsageError
from vidspec.mock import (
    FAIL_MARKER,
    ManualClock,
    MockOptions,
    build_app,
    read_faults,
    running,
    speakers,
)
from vidspec.mock.control.deeds import ENDS
from vidspec.mock.describe import describe
from vidspec.mock.stubs import emitted_stubs
from vidspec.source import pointer_get
from vidspec_server._runtime.dialect import DialectInfo
from vidspec_server._runtime.document import Document

TOY = Path(__file__).parents[1] / "cases" / "toy"
#: Of any dialect's look, and nobody's.
UNKNOWN = "job_0:openai"
OWN = load_contract()
GATEWAYS = load_gateways()


@dataclass(frozen=True)
class Cast:
    """One dialect in one profile."""

    name: str
    profile: str
    dialect: Dialect = field(repr=False)


def casts() -> Iterator[Any]:
    for name, dialect in OWN.dialects.items():
        yield pytest.param(Cast(name, "published", dialect), id=name)
    for name, gateway in GATEWAYS.items():
        if gateway.observed is not gateway.published:
            yield pytest.param(Cast(name, "observed", gateway.observed), id=f"{name}-observed")
    toy = load_contract(TOY).dialects["toy"]
    yield pytest.param(Cast("toy", "published", toy), id="toy")


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module", params=list(casts()))
def started(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Player]:
    """Start one server for all that is asked of one cast."""
    cast: Cast = request.param
    contract = Contract(OWN.lifecycle, {cast.name: cast.dialect}, ())
    options = MockOptions(job_seconds=10, clock=clock)
    with running(cast.name, contract=contract, options=options) as gateway, httpx2.Client() as http:
        yield Player(cast.name, cast.dialect, gateway, http)


@pytest.fixture
def player(started: Player) -> Player:
    started.gateway.reset()
    return started


def creates(dialect: Dialect) -> list[Operation]:
    return list(dialect.roles("create"))


def beside(player: Player, operation: Operation, role: str) -> Operation | None:
    return player.dialect.by_role(role, operation.surface)


def made(player: Player, operation: Operation, prompt: str = "A kite") -> JobView:
    body = operation.bodies[0]
    return player.create(operation, body, with_prompt(operation, body, prompt))


def test_every_example_makes_a_job(player: Player) -> None:
    """Each example request, in its own media type, is answered with a new job."""
    seen = set()
    for operation in creates(player.dialect):
        for body in operation.bodies:
            for example in body.examples:
                seen.add(player.create(operation, body, example.value).id)
    count = sum(len(b.examples) for o in creates(player.dialect) for b in o.bodies)
    assert (len(seen), None in seen) == (count, False)


def test_a_job_is_followed_to_its_video(player: Player, clock: ManualClock) -> None:
    """It waits, is made, is finished; every documented way to a result leads to a real video."""
    for operation in creates(player.dialect):
        retrieve = beside(player, operation, "retrieve")
        assert retrieve is not None
        job = made(player, operation)
        states = []
        for seconds in (0, 1, 4, 5):
            clock.advance(seconds)
            reply = player.retrieve(retrieve, job.id)
            view = player.read(retrieve, reply)
            states.append(view.state)
            assert view.state == "completed" or not any(view.output_urls), reply.text
        untold = any(
            player.state(retrieve, example.value) == "unknown"
            for content in retrieve.success.contents
            for example in content.examples
        )
        assert states == [
            "unknown" if untold else "queued",
            "queued",
            "in_progress",
            "completed",
        ], operation.id

        kinds = {result.kind for result in player.surface(operation).results}
        if "url" in kinds:
            assert view.output_urls, reply.text
            video = player.http.get(view.output_urls[0], headers=player.key)
            assert probe_video(video.content).codec == "h264"
        if "endpoint" in kinds:
            content = beside(player, operation, "content")
            assert content is not None
            video = player.send(content, {"job_id": job.id})
            assert (video.status_code, probe_video(video.content).codec) == (200, "h264")


def test_address_of_the_api_itself_needs_the_key(player: Player, clock: ManualClock) -> None:
    """Where the example's address is that of the content operation, it is no open door; elsewhere it is."""
    for operation in creates(player.dialect):
        retrieve, content = (
            beside(player, operation, "retrieve"),
            beside(player, operation, "content"),
        )
        assert retrieve is not None
        job = made(player, operation)
        clock.advance(10)
        for url in player.read(retrieve, player.retrieve(retrieve, job.id)).output_urls:
            own = content is not None and "/content" in url
            assert own == (player.name in {"modelgates", "openrouter"}), url
            assert (401 if own else 200) == player.http.get(url).status_code, url


def test_second_name_of_a_job_is_its_own(player: Player) -> None:
    """What equals the id in the example of a job equals the id in every reply."""
    for operation in creates(player.dialect):
        retrieve = beside(player, operation, "retrieve")
        assert retrieve is not None
        job = made(player, operation)
        told = pointer_get(player.retrieve(retrieve, job.id).json(), retrieve.job or "")
        example = pointer_get(retrieve.success.contents[0].examples[0].value, retrieve.job or "")
        identity = example.get(player.surface(operation).job["id"].pointer[1:])
        twins = {name for name, value in example.items() if value == identity and value}
        assert {told[name] for name in twins} <= {job.id}, told


def test_a_failed_job_is_told(player: Player, clock: ManualClock) -> None:
    """A failure has its word and its reason, or where there is no word it is a refusal."""
    for operation in creates(player.dialect):
        retrieve = beside(player, operation, "retrieve")
        assert retrieve is not None
        job = made(player, operation, f"A kite {FAIL_MARKER}")
        clock.advance(11)
        reply = player.retrieve(retrieve, job.id)
        if player.surface(retrieve).words("failed"):
            assert player.read(retrieve, reply).state == "failed"
            shown = retrieve.reply(reply.status_code)
            assert shown is not None
            assert any(
                player.state(retrieve, e.value) == "failed"
                for c in shown.contents
                for e in c.examples
            )
        else:
            assert reply.status_code == retrieve.causes["moderation"].status


@pytest.mark.parametrize(("deed", "end"), ENDS.items())
def test_a_job_comes_to_no_end_that_the_dialect_cannot_say(
    player: Player, deed: str, end: str
) -> None:
    """From Python, over the API, and by a script: refused, with the words that there are; all others are shown."""
    deeds, api = player.gateway.app.deeds, f"{player.gateway.url}/_vidspec/jobs"
    for operation in creates(player.dialect):
        surface = player.surface(operation)
        retrieve = beside(player, operation, "retrieve")
        assert retrieve is not None
        shown = made(player, operation)
        (token,) = (job["token"] for job in deeds.jobs(1))
        sayable = {*surface.states.values(), "failed"}
        assert (deed in deeds.jobs(1)[0]["ends"]) == (end in sayable)
        if end in sayable:
            assert player.http.post(api, json={"id": token, "do": deed}).json()["state"] == end
            reply = player.retrieve(retrieve, shown.id)
            if surface.words(end):
                assert player.read(retrieve, reply).state == end
            else:
                assert reply.status_code == retrieve.causes["moderation"].status
            continue
        for said in ({"do": deed}, {"do": "script", "script": f"queued, {end}"}):
            reply = player.http.post(api, json={"id": token, **said})
            assert reply.status_code == 400
            assert f"no word for {end!r}" in reply.json()["error"]
            assert all(word in reply.json()["error"] for word in ("completed", "failed"))
        with pytest.raises(UsageError, match=f"no word for {end!r}"):
            deeds.do(deeds.job(token), deed)
        assert deeds.jobs(1)[0]["state"] == "queued"


def test_an_expired_job_has_no_video(player: Player, clock: ManualClock) -> None:
    """Where a job can expire, what it made is gone with it."""
    for operation in creates(player.dialect):
        if not player.surface(operation).words("expired"):
            continue
        made(player, operation)
        (job,) = player.gateway.app.deeds.jobs(1)
        clock.advance(11)
        video = player.gateway.url + player.gateway.app.deeds.jobs(1)[0]["video"]
        assert player.http.get(video).status_code == 200
        player.gateway.expire(job["token"])
        assert player.http.get(video).status_code in {404, 410}


def test_what_an_unfinished_job_refuses(player: Player) -> None:
    """Its content and what is made from it are refused as each operation says."""
    for operation in creates(player.dialect):
        job = made(player, operation)
        content, remix = beside(player, operation, "content"), beside(player, operation, "remix")
        if content is not None:
            reply = player.send(content, {"job_id": job.id})
            cause = content.causes.get("not_ready") or content.causes["conflict"]
            assert reply.status_code == cause.status
        if remix is not None:
            body = remix.bodies[0]
            reply = player.send(remix, {"job_id": job.id}, body=body, value=body.examples[0].value)
            assert reply.status_code == remix.causes["source_not_ready"].status


def test_lists_remixes_and_deletions(player: Player, clock: ManualClock) -> None:
    """A list has the jobs, newest first; a remix is a new job; what is deleted is gone."""
    for operation in creates(player.dialect):
        empty = beside(player, operation, "list")
        if empty is not None:
            assert pointer_get(player.send(empty).json(), empty.items or "") == []
        jobs = [made(player, operation) for _ in range(3)]
        clock.advance(11)
        ids = [job.id for job in reversed(jobs)]
        remix = beside(player, operation, "remix")
        if remix is not None:
            body = remix.bodies[0]
            again = player.create(remix, body, body.examples[0].value, {"job_id": ids[0]})
            assert again.id not in ids
            ids.insert(0, again.id)
        listing = beside(player, operation, "list")
        if listing is not None:
            reply = player.send(listing)
            items = pointer_get(reply.json(), listing.items or "")
            surface = player.surface(operation)
            assert [read_job(surface, item).id for item in items] == ids
        delete, retrieve = (
            beside(player, operation, "delete"),
            beside(player, operation, "retrieve"),
        )
        if delete is not None:
            assert retrieve is not None
            assert player.send(delete, {"job_id": ids[-1]}).status_code == 200
            gone = player.retrieve(retrieve, ids[-1])
            assert gone.status_code == retrieve.causes["not_found"].status


def test_what_is_refused_is_refused_in_the_dialects_words(player: Player) -> None:
    """Unknown ids, absent credentials and unreadable bodies."""
    for operation in player.dialect.operations:
        if operation.parameter("job_id") or operation.field("job_id"):
            if operation.role == "retrieve":
                reply = player.retrieve(operation, UNKNOWN)
            else:
                body = operation.bodies[0] if operation.bodies else None
                value = body.examples[0].value if body else None
                reply = player.send(operation, {"job_id": UNKNOWN}, body=body, value=value)
            assert reply.status_code == operation.causes["not_found"].status, reply.text
        if operation.security:
            reply = player.send(operation, {"job_id": UNKNOWN}, headers={})
            assert reply.status_code == operation.causes["unauthenticated"].status, reply.text
        for body in operation.bodies:
            if operation.role == "create" and "json" in body.media_type:
                reply = player.send(operation, body=body, value=["not", "an", "object"])
                assert reply.status_code == operation.causes["invalid_request"].status


def test_everything_else_answers(player: Player, clock: ManualClock) -> None:
    """Views of jobs, files by name, models: every further operation succeeds."""
    first = creates(player.dialect)[0]
    job = made(player, first)
    clock.advance(11)
    makes = {operation.surface for operation in creates(player.dialect)}
    for operation in player.dialect.operations:
        if operation.role == "models":
            models = pointer_get(player.send(operation).json(), operation.items or "")
            assert models
        if operation.surface in makes or operation.method != "GET":
            continue
        reply = player.send(operation, {"job_id": job.id, "artifact_key": "video"})
        assert reply.status_code == 200, reply.text
        if operation.role == "artifacts":
            (item,) = pointer_get(reply.json(), operation.items or "")
            address = player.gateway.url + item["content_url"]
            video = player.http.get(address, headers={"authorization": "Bearer anything"})
            assert probe_video(video.content).codec == "h264"
        if operation.role == "content":
            reply = player.send(operation, {"job_id": job.id, "artifact_key": "nothing"})
            assert reply.status_code == operation.causes["not_found"].status


def test_replies_hold_no_address_of_the_examples(player: Player, clock: ManualClock) -> None:
    """A finished job leads to this server only."""
    for operation in creates(player.dialect):
        retrieve = beside(player, operation, "retrieve")
        assert retrieve is not None
        job = made(player, operation)
        clock.advance(11)
        text = player.retrieve(retrieve, job.id).text
        assert "http://" not in text.replace(player.gateway.url, "")
        assert "https://" not in text


@pytest.mark.parametrize("name", list(vidspec_server.DIALECTS))
def test_a_described_dialect_is_the_emitted_one(name: str) -> None:
    """What is made in memory differs from what is emitted in Python's names and types only."""
    stubs = emitted_stubs(OWN.dialects[name])
    assert stubs is not None, f"the stubs of {name} are not of this specification"
    package = f"vidspec_server.{vidspec_server.DIALECTS[name]}._dialect"
    emitted: DialectInfo = importlib.import_module(package).DIALECT
    described = describe(OWN.dialects[name])

    assert neutral(described) == neutral(emitted)
    assert Document(described.document).data == Document(emitted.document).data


def neutral(info: DialectInfo) -> DialectInfo:
    """Take Python's names and types out, and the document, which is compared by itself."""
    operations = []
    for operation in info.operations:
        route = operation.route
        for identifier, wire in operation.route_names.items():
            route = route.replace(f"{{{identifier}}}", f"{{{wire}}}")
        operations.append(
            replace(
                operation,
                handler="",
                route=route,
                route_names={},
                parameters=tuple(
                    replace(p, argument=None, load=None) for p in operation.parameters
                ),
                bodies=tuple(replace(b, load=dict) for b in operation.bodies),
            )
        )
    return replace(info, document={}, operations=tuple(operations))


def test_profiles_are_played_by_name() -> None:
    """A gateway plays its dialect as published or as observed, a dialect itself."""
    published = speakers(["openai", "litellm", "newapi"])
    observed = speakers(["openai", "litellm", "newapi"], "observed")
    assert [d.name for d in published.values()] == ["openai", "openai", "newapi"]
    assert published["litellm"].digest == published["openai"].digest
    assert observed["openai"].digest == published["openai"].digest
    assert observed["litellm"].digest != published["litellm"].digest
    assert observed["newapi"].digest != published["newapi"].digest
    assert list(speakers(["toy"], "observed", TOY)) == ["toy"]
    with pytest.raises(UsageError, match="no such dialect or gateway: nobody"):
        speakers(["nobody"])


def test_speakers_of_one_dialect_keep_their_jobs_apart() -> None:
    """Two gateways of the same dialect stand under their own names."""
    with running("openai", "litellm", profile="observed", job_seconds=0) as gateway:
        urls = gateway.base_urls
        assert {name: url.removeprefix(gateway.url) for name, url in urls.items()} == {
            "openai": "/openai/v1",
            "litellm": "/litellm/v1",
        }
        with httpx2.Client(headers={"authorization": "Bearer anything"}) as http:
            job = http.post(f"{urls['openai']}/videos", json={"prompt": "A kite"}).json()
            assert http.get(f"{urls['openai']}/videos/{job['id']}").status_code == 200
            assert http.get(f"{urls['litellm']}/videos/{job['id']}").status_code == 404


def test_ids_name_the_provider_that_was_asked(clock: ManualClock) -> None:
    """A list by provider has that provider's jobs only."""
    bifrost = OWN.dialects["bifrost"]
    contract = Contract(OWN.lifecycle, {"bifrost": bifrost}, ())
    client = TestClient(
        build_app(contract, ["bifrost"], MockOptions(job_seconds=0, clock=clock)),
        headers={"authorization": "Bearer anything"},
    )
    ids = {}
    for model in ("openai/sora-2", "gemini/veo-3.1"):
        job = client.post("/v1/videos", json={"model": model, "prompt": "A kite"}).json()
        provider, _, plain = model.partition("/")
        assert (job["id"].rpartition(":")[2], job["model"]) == (provider, plain)
        ids[provider] = job["id"]

    for provider, identity in ids.items():
        page = client.get("/v1/videos", params={"provider": provider}).json()
        assert [item["id"] for item in page["data"]] == [identity]
    assert client.get("/v1/videos").status_code == 400


def test_an_operation_refuses_in_its_own_words() -> None:
    """Its causes go before the dialect's, also where no operation is selected yet."""
    newapi = GATEWAYS["newapi"].observed
    contract = Contract(OWN.lifecycle, {"newapi": newapi}, ())
    client = TestClient(
        build_app(contract, ["newapi"]), headers={"authorization": "Bearer anything"}
    )
    unknown = client.get("/v1/videos/task_0")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "task_not_exist")
    assert client.get("/v1/tasks/task_0").status_code == 404
    other = client.post("/jimeng/", params={"Action": "Other", "Version": "2022-08-31"})
    assert (other.status_code, other.json()["code"]) == (400, 400)
    flat = client.post("/v1/videos", json={"prompt": "A kite"})
    assert (flat.status_code, flat.json()["code"]) == (400, "invalid_request")


def test_an_encoded_slash_belongs_to_the_id(clock: ManualClock) -> None:
    """A rewrite of one operation finds its replies whatever characters the id has."""
    faults = read_faults([{"role": "retrieve", "reply_status": 418}])
    contract = Contract(OWN.lifecycle, {"openai": OWN.dialects["openai"]}, ())
    client = TestClient(
        build_app(contract, ["openai"], MockOptions(clock=clock, faults=faults)),
        headers={"authorization": "Bearer anything"},
    )
    assert client.get("/v1/videos/operations%2F8f3ab14c").status_code == 418
    assert client.get("/v1/videos/operations/8f3ab14c").status_code == 404
