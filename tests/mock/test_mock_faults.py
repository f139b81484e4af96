"""Faults on purpose: each does what it says, and nothing does what is not known."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from mock.probing import probe_video
from mock.talk import Talk
from vidspec.contract import Contract, Dialect, Requirement
from vidspec.errors import UsageError
from vidspec.mock import (
    BEHAVIOURS,
    ManualClock,
    MockOptions,
    build_app,
    faults_of,
    read_faults,
    running,
)
from vidspec.mock.describe import own_prefix
from vidspec.source import pointer_get


@contextmanager
def broken(
    contract: Contract, fault: Any, name: str = "openai"
) -> Iterator[tuple[Talk, ManualClock]]:
    """Run a mock with one fault; its jobs take ten seconds of the clock."""
    clock = ManualClock()
    options = MockOptions(job_seconds=10, clock=clock, faults=read_faults([fault]))
    with running(name, contract=contract, options=options) as gateway, httpx2.Client() as http:
        yield Talk(gateway, contract.dialects[name], http), clock


@contextmanager
def finished(contract: Contract, fault: Any, **fields: Any) -> Iterator[tuple[Talk, str]]:
    """Run a mock with one fault and one finished job."""
    with broken(contract, fault) as (talk, clock):
        job = talk.create(**fields)
        clock.advance(10)
        assert job.id is not None
        yield talk, job.id


def behaviour(name: str, **settings: Any) -> dict[str, Any]:
    return {"behaviour": name, **settings}


def test_rewrite_changes_the_replies_it_chooses(contract: Contract) -> None:
    """A rewrite sets, removes, renames and re-numbers, in the role and state it names and no other."""
    fault = {
        "role": ["retrieve"], "state": "queued", "set": {"/seconds": 4}, "remove": ["/object"],
        "headers": {"x-request-id": None, "x-extra": "1"}, "reply_status": 203,
    }  # fmt: skip
    with broken(contract, fault) as (talk, clock):
        job = talk.create()
        wrong = talk.call("retrieve", job.id)
        clock.advance(5)
        right = talk.call("retrieve", job.id)

    assert (wrong.status_code, wrong.json()["seconds"]) == (203, 4)
    assert "object" not in wrong.json()
    assert ("x-request-id" in wrong.headers, wrong.headers["x-extra"]) == (False, "1")
    assert (right.status_code, right.json()["object"]) == (200, "video")


def test_rewrite_of_every_item_and_of_errors(contract: Contract) -> None:
    """A star reaches every item of a list; a status chooses error replies."""
    with broken(contract, {"role": "list", "set": {"/data/*/status": "odd"}}) as (talk, _):
        talk.create()
        talk.create()
        assert [job.word for job in talk.list()] == ["odd", "odd"]
    fault = {"status": 404, "body": "gone", "content_type": "text/plain"}
    with broken(contract, fault) as (talk, _):
        response = talk.call("retrieve", "video_0")
        assert (response.text, response.headers["content-type"]) == ("gone", "text/plain")


def test_content_before_completion(contract: Contract) -> None:
    """The content of a queued job is served."""
    with broken(contract, behaviour("content_before_completion")) as (talk, _):
        assert talk.call("content", talk.create().id).status_code == 200


@pytest.mark.parametrize(
    ("name", "statuses"), [("get_after_delete", [200, 404]), ("delete_twice", [404, 200])]
)
def test_deletion_that_does_not_hold(contract: Contract, name: str, statuses: list[int]) -> None:
    """Only the one thing is wrong after a deletion: the job is still there, or deleting works again."""
    with finished(contract, behaviour(name)) as (talk, identity):
        talk.call("delete", identity)
        found = [talk.call(role, identity).status_code for role in ("retrieve", "delete")]
        assert found == statuses
        assert talk.list() == []


def test_ids_change_and_repeat(contract: Contract) -> None:
    """An id differs between creation and retrieval, or is given twice."""
    with broken(contract, behaviour("ids_change")) as (talk, _):
        job = talk.create()
        assert talk.retrieve(job.id).id != job.id
    with broken(contract, behaviour("ids_repeat")) as (talk, _):
        one, two = talk.create(), talk.create()
        assert one.id == two.id
        assert len({job.id for job in talk.list()}) == 2


def test_lists_that_lie(contract: Contract) -> None:
    """A list omits the newest job, or ignores cursor, limit or order."""
    with broken(contract, behaviour("list_omits_new")) as (talk, _):
        old, _new = talk.create(), talk.create()
        assert [job.id for job in talk.list()] == [old.id]
    for name, query in (
        ("cursor_ignored", {"after": None}),
        ("limit_ignored", {"limit": 1}),
        ("order_ignored", {"order": "asc"}),
    ):
        with broken(contract, behaviour(name)) as (talk, _):
            ids = [talk.create().id, talk.create().id][::-1]
            said = {key: value or ids[0] for key, value in query.items()}
            assert [job.id for job in talk.list(**said)] == ids, name


def test_unfinished_source_is_accepted(contract: Contract) -> None:
    """A remix of a queued job is made."""
    with broken(contract, behaviour("remix_unfinished")) as (talk, _):
        assert talk.call("remix", talk.create().id, json={"prompt": "x"}).status_code == 200


def test_status_goes_back_and_never_finishes(contract: Contract) -> None:
    """A running job is seen in the queue again; a job never ends."""
    with broken(contract, behaviour("status_goes_back")) as (talk, clock):
        job = talk.create()
        clock.advance(5)
        assert [talk.retrieve(job.id).state for _ in range(2)] == ["in_progress", "queued"]
        clock.advance(5)
        assert talk.retrieve(job.id).state == "completed"
    with finished(contract, behaviour("never_finishes")) as (talk, identity):
        assert talk.retrieve(identity).state == "in_progress"


def test_progress_falls(contract: Contract) -> None:
    """Progress gets smaller between two looks."""
    with broken(contract, behaviour("progress_falls")) as (talk, clock):
        job = talk.create()
        clock.advance(4)
        first = talk.retrieve(job.id).progress or 0
        clock.advance(3)
        assert (talk.retrieve(job.id).progress or 100) < first


def test_access_and_validation_off(contract: Contract) -> None:
    """Anybody is let in; anything is accepted."""
    with broken(contract, behaviour("auth_ignored")) as (talk, _):
        assert talk.call("list", headers={"authorization": ""}).status_code == 200
    with broken(contract, behaviour("validation_off")) as (talk, _):
        body = {"prompt": "x", "seconds": "5"}
        assert talk.call("create", json=body).status_code == 200


@pytest.mark.parametrize(("field", "wrong"), [("seconds", "16"), ("size", "720x1280")])
def test_echo_wrong(contract: Contract, field: str, wrong: str) -> None:
    """A job shows another length or size than was asked for."""
    with broken(contract, behaviour("echo_wrong", field=field)) as (talk, _):
        assert talk.create(seconds="8", size="1280x720").raw[field] == wrong


def test_units_and_types(contract: Contract) -> None:
    """Times in the other unit; a length as a number."""
    with broken(contract, behaviour("milliseconds")) as (talk, _):
        assert talk.create().raw["created_at"] > 10**12
    with broken(contract, behaviour("seconds_as_integer")) as (talk, _):
        assert talk.create(seconds="8").raw["seconds"] == 8


def test_media_faults(contract: Contract) -> None:
    """Another size, another length, no video, half a video, no ranges, no variants."""
    asked = {"size": "1280x720", "seconds": "8"}
    for name, size, seconds in (
        ("media_wrong_size", (640, 360), 8.0),
        ("media_wrong_length", (1280, 720), 16.0),
    ):
        with finished(contract, behaviour(name), **asked) as (talk, identity):
            found = probe_video(talk.call("content", identity).content)
            assert ((found.width, found.height), found.seconds) == (size, seconds)
    with finished(contract, behaviour("media_not_video")) as (talk, identity):
        assert b"not a video" in talk.call("content", identity).content
    with finished(contract, behaviour("media_truncated")) as (talk, identity):
        assert b"moov" in talk.call("content", identity).content
    with finished(contract, behaviour("range_ignored")) as (talk, identity):
        response = talk.call("content", identity, headers={"range": "bytes=0-1"})
        assert response.status_code == 200
    with finished(contract, behaviour("variant_ignored")) as (talk, identity):
        response = talk.call("content", identity, params={"variant": "thumbnail"})
        assert response.headers["content-type"] == "video/mp4"


def test_unknown_jobs(contract: Contract) -> None:
    """A new job is unknown at first, unknown ids are known, or are refused with another status."""
    with broken(contract, behaviour("not_found_after_create")) as (talk, clock):
        job = talk.create()
        found = [talk.call("retrieve", job.id).status_code]
        clock.advance(5)
        found.append(talk.call("retrieve", job.id).status_code)
        assert found == [404, 200]
    with broken(contract, behaviour("unknown_id_ok")) as (talk, _):
        assert talk.call("retrieve", "video_0").status_code == 200
    with broken(contract, behaviour("not_found_status", status=400)) as (talk, _):
        assert talk.call("retrieve", "video_0").status_code == 400


@pytest.mark.parametrize("name", ["openai", "kling"])
def test_envelope_and_request_id(contract: Contract, name: str) -> None:
    """Errors in another envelope; replies without a request id."""
    with broken(contract, behaviour("envelope_wrong"), name) as (talk, _):
        assert list(talk.call("retrieve", "0").json()) == ["detail"]
    with broken(contract, behaviour("request_id_missing"), name) as (talk, _):
        response = talk.call("list")
        assert "x-request-id" not in response.headers
        assert "request_id" not in response.json()


@pytest.mark.parametrize(("status", "kept"), [("ok", "error"), ("error", "ok")])
def test_the_request_id_is_missing_from_some_replies(
    contract: Contract, status: str, kept: str
) -> None:
    """Only from refusals, or only from the others."""
    with broken(contract, behaviour("request_id_missing", status=status)) as (talk, _):
        shown = {"ok": talk.call("list").headers, "error": talk.call("retrieve", "0").headers}

    assert "x-request-id" not in shown[status]
    assert "x-request-id" in shown[kept]


@pytest.mark.parametrize("name", ["openai", "kling"])
def test_the_request_id_repeats(contract: Contract, name: str) -> None:
    """In the header, or in the body."""
    with broken(contract, behaviour("request_id_repeats"), name) as (talk, _):
        replies = [talk.call("list") for _ in range(2)]

    assert len({r.headers.get("x-request-id") or r.json()["request_id"] for r in replies}) == 1


def test_a_rewrite_chooses_by_the_request(contract: Contract) -> None:
    """By method and target, by a header, or by the body."""
    for asked in ("^GET /v1/videos.limit=1$", "^x-odd: yes$"):
        with broken(contract, {"asked": asked, "reply_status": 299}) as (talk, _):
            odd = talk.call("list", params={"limit": 1}, headers={"x-odd": "yes"})
            assert (odd.status_code, talk.call("list").status_code) == (299, 200)
    with broken(contract, {"asked": r"\n\n\{.*rain", "reply_status": 299}) as (talk, _):
        replies = [talk.call("create", json={"prompt": word}) for word in ("rain", "sun")]
        assert [reply.status_code for reply in replies] == [299, 200]


def test_a_request_is_misread(contract: Contract) -> None:
    """A query parameter by its meaning, and a header."""
    with broken(contract, {"role": "list", "query": {"limit": "1"}}) as (talk, _):
        talk.create(), talk.create()
        assert len(talk.call("list", params={"limit": 2}).json()["data"]) == 1
        assert len(talk.call("list").json()["data"]) == 2
    fault = {"role": "content", "request_headers": {"if-none-match": None}}
    with finished(contract, fault) as (talk, job_id):
        headers = {"if-none-match": "*"}
        assert talk.call("content", job_id, headers=headers).status_code == 200


def test_overlapping_requests_are_mixed_up(contract: Contract) -> None:
    """The one that comes second shows another state, or another id; alone each is right."""
    with finished(contract, behaviour("crowd_confuses", role="retrieve")) as (talk, job_id):
        assert set(_together(talk, [job_id, job_id], "status")) == {"completed", "in_progress"}
        assert talk.retrieve(job_id).state == "completed"
    with broken(contract, behaviour("crowd_swaps")) as (talk, _):
        ids = [str(talk.create().id) for _ in range(2)]
        assert len(set(_together(talk, ids, "id")) & set(ids)) == 1
        assert set(_together(talk, ids[:1] * 2, "id")) == set(ids[:1])


def test_overlapping_creates_share_an_id(contract: Contract) -> None:
    """Alone each has its own."""
    with broken(contract, behaviour("crowd_shares")) as (talk, _):
        assert len({talk.create().id for _ in range(2)}) == 2
        with ThreadPoolExecutor(2) as pool:
            assert len({made.id for made in pool.map(lambda _: talk.create(), range(2))}) == 1


def _together(talk: Talk, ids: list[str], field: str) -> list[Any]:
    with ThreadPoolExecutor(len(ids)) as pool:
        return [r.json()[field] for r in pool.map(lambda id_: talk.call("retrieve", id_), ids)]


def test_several_faults_at_once(contract: Contract) -> None:
    """A list under ``all`` commits each."""
    fault = {"all": [behaviour("never_finishes"), {"role": "create", "reply_status": 201}]}
    with finished_created(contract, fault) as (status, state):
        assert (status, state) == (201, "in_progress")


@contextmanager
def finished_created(contract: Contract, fault: Any) -> Iterator[tuple[int, str]]:
    """Create a job, wait for it, and give the status of creation and the state at the end."""
    with broken(contract, fault) as (talk, clock):
        response = talk.call("create", json={"prompt": "x"})
        clock.advance(10)
        yield response.status_code, talk.retrieve(response.json()["id"]).state


@pytest.mark.parametrize(
    "fault",
    [
        {"behaviour": "nothing"},
        {"behaviour": "ids_change", "field": "x"},
        {"roles": "create"},
        {"all": [{"behaviour": "ids_change"}], "role": "create"},
        {"asked": "(", "reply_status": 400},
    ],
)
def test_unknown_faults_are_refused(fault: dict[str, Any]) -> None:
    """A name or key that does not exist would silently break nothing."""
    with pytest.raises(UsageError):
        read_faults([fault])


def test_behaviours_are_described() -> None:
    """Every behaviour says in a sentence what it does; asking for another is an error."""
    assert all(sentence.endswith(".") for sentence, _ in BEHAVIOURS.values())
    with pytest.raises(KeyError):
        read_faults([]).on("nothing")


def test_faults_come_from_requirements() -> None:
    """The id of a requirement leads to the fault it forbids."""

    def requirement(identity: str, fault: Any) -> Requirement:
        return Requirement(
            identity, "jobs", "MUST", "x MUST y", (), (), "x", "x", None if fault else "why", fault
        )

    known = [requirement("a-b", behaviour("ids_change")), requirement("a-c", None)]

    assert faults_of(known, ["a-b"]).on("ids_change")
    with pytest.raises(UsageError, match="names no fault: why"):
        faults_of(known, ["a-c"])
    with pytest.raises(UsageError, match="no such requirement"):
        faults_of(known, ["a-d"])


@pytest.mark.parametrize(("name", "turn"), [("openai", 0), ("kling", 1)])
def test_every_forbidden_fault_can_be_committed(contract: Contract, name: str, turn: int) -> None:
    """A mock with the fault of any requirement still answers every operation, with no crash."""
    faults = [r.fault for r in contract.requirements if r.fault]
    assert len(faults) > 90
    # The dialects take turns: what each fault does in each is the mutation session's affair.
    for fault in faults[turn::2]:
        clock = ManualClock()
        options = MockOptions(job_seconds=10, clock=clock, faults=read_faults([fault]))
        with TestClient(build_app(contract, [name], options)) as http:
            walk(http, contract.dialects[name], clock)


def walk(http: TestClient, dialect: Dialect, clock: ManualClock) -> None:
    """Call every operation of the default surface, with a job at its start and at its end."""
    headers = {"authorization": "Bearer key"}
    create = dialect.by_role("create")
    assert create is not None
    prefix = own_prefix(dialect)
    body = create.bodies[-1].examples[0].value
    made = http.request("POST", prefix + create.path, json=body, headers=headers)
    job = pointer_get(made.json(), create.job or "", {})
    identity = str(pointer_get(job, dialect.surface.job["id"].pointer, "x")) or "x"
    for _ in range(2):
        for operation in dialect.operations:
            path = prefix + operation.path
            for parameter in operation.parameters:
                path = path.replace(f"{{{parameter.name}}}", identity)
            sent = operation.bodies[-1].examples[0].value if operation.bodies else None
            response = http.request(operation.method, path, json=sent, headers=headers)
            assert response.headers["content-type"]
        clock.advance(10)


def test_a_mock_that_ignores_credentials_does_so_with_a_key_of_its_own_too(
    contract: Contract,
) -> None:
    faults = faults_of(contract.requirements, ["auth-retrieve-refused"])
    with running("openai", job_seconds=0, api_key="sk-own", faults=faults) as gateway:
        known = {"authorization": "Bearer sk-own"}
        made = httpx2.post(f"{gateway.base_url}/videos", json={"prompt": "x"}, headers=known)
        shown = httpx2.get(f"{gateway.base_url}/videos/{made.json()['id']}")

    assert shown.status_code == 200
