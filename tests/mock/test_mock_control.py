"""The control API: what it does, and whom it hears."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from mock.talk import Talk
from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import ManualClock, MockGateway, MockOptions, running
from vidspec.mock.control.guard import refusal


@pytest.fixture(scope="module")
def gateway(contract: Contract) -> Iterator[MockGateway]:
    options = MockOptions(job_seconds=10, clock=ManualClock())
    with running("openai", "kling", contract=contract, options=options) as gateway:
        yield gateway


@pytest.fixture
def talk(gateway: MockGateway, contract: Contract) -> Iterator[Talk]:
    gateway.reset()
    with httpx2.Client(timeout=10) as http:
        yield Talk(gateway, contract.dialects["openai"], http)


def told(talk: Talk, what: str, **said: Any) -> Any:
    reply = talk.http.post(f"{talk.gateway.url}/_vidspec/{what}", json=said)
    assert reply.status_code == 200, reply.text
    return reply.json()


def shown(talk: Talk, what: str) -> Any:
    reply = talk.http.get(f"{talk.gateway.url}/_vidspec/{what}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_jobs_are_seen_and_moved(talk: Talk) -> None:
    """Advanced step by step, failed with a reason, completed, scripted: as any client then sees."""
    ids = [str(talk.create().id) for _ in range(4)]
    assert [job["id"] for job in shown(talk, "jobs")] == ids[::-1]
    assert told(talk, "jobs", id=ids[0], do="advance")["state"] == "in_progress"
    assert talk.retrieve(ids[0]).state == "in_progress"
    told(talk, "jobs", id=ids[1], do="fail", code="moderation_blocked", message="No")
    failed = talk.call("retrieve", ids[1]).json()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "moderation_blocked")
    video = told(talk, "jobs", id=ids[2], do="complete")["video"]
    assert talk.http.get(talk.gateway.url + video).content[4:8] == b"ftyp"
    told(talk, "jobs", id=ids[3], do="script", script="polls 1")
    assert [talk.retrieve(ids[3]).state for _ in range(2)] == ["queued", "completed"]


def test_jobs_of_every_space_are_reached(talk: Talk) -> None:
    body = talk.operation("create").bodies[-1].examples[0].value
    made = talk.call("create", json=body, headers={"vidspec-space": "test-7"}).json()

    assert shown(talk, "jobs?space=test-7")[0]["id"] == made["id"]
    assert shown(talk, "jobs?space=other") == []
    assert told(talk, "jobs", id=made["id"], do="complete", space="test-7")["space"] == "test-7"


def test_clock_scripts_and_faults_are_told(talk: Talk) -> None:
    before = shown(talk, "clock")["now"]
    assert told(talk, "clock", advance="1d")["now"] == before + 86400
    assert told(talk, "scripts", script="immediate", model="*") == {"*": "immediate"}
    assert talk.retrieve(talk.create().id).state == "completed"
    told(talk, "faults", fault="status=503 on=list")
    assert talk.call("list").status_code == 503
    assert told(talk, "faults") == {"faults": []}
    assert talk.call("list").status_code == 200
    assert shown(talk, "journal?limit=2")[1]["incident"] == "status=503 on=list"
    talk.call("create", json={})
    assert [e["valid"] for e in shown(talk, "journal?invalid")] == [False]


def test_snapshots_and_reset(talk: Talk) -> None:
    talk.create()
    number = told(talk, "snapshot")["snapshot"]
    talk.create()
    told(talk, "restore", snapshot=number)
    assert len(shown(talk, "jobs")) == 1
    told(talk, "faults", fault="status=503")
    told(talk, "reset")
    state = shown(talk, "state")
    assert (state["jobs"], state["faults"], state["journal"], state["scripts"]) == ([], [], [], {})


@pytest.mark.parametrize(
    ("what", "said", "why"),
    [
        ("jobs", {"id": "none", "do": "fail"}, "there is no job"), ("jobs", {}, "missing"),
        ("jobs", {"id": 5}, "wrong type"), ("jobs", {"id": "JOB", "do": "dance"}, "no such deed"),
        ("jobs", {"id": "JOB", "do": "cancel", "code": "x"}, "only a failure"),
        ("jobs", {"id": "JOB", "do": "fail", "code": "a b"}, "the code 'a b'"),
        ("jobs", {"id": "JOB", "do": "script"}, "no list of steps"),
        ("scripts", {"script": "nonsense"}, "no state"), ("faults", {"fault": "nonsense"}, "no incident"),
        ("clock", {"advance": "-1"}, "no length of time"), ("clock", {"freeze": 1}, "wrong type"),
        ("restore", {"snapshot": 99}, "no snapshot"), ("reset", {"all": True}, "not known"),
        ("snapshot", {"x": 1}, "takes: nothing"),
    ],
)  # fmt: skip
def test_wrong_deeds_are_refused(talk: Talk, what: str, said: dict[str, Any], why: str) -> None:
    if said.get("id") == "JOB":
        said = said | {"id": talk.create().id}
    reply = talk.http.post(f"{talk.gateway.url}/_vidspec/{what}", json=said)

    assert (reply.status_code, why in reply.json()["error"]) == (400, True), reply.text


def test_failure_is_told_in_any_words(talk: Talk) -> None:
    """A message with quotes is what the dialect's job says."""
    job = talk.create()
    told(talk, "jobs", id=job.id, do="fail", code="moderation_blocked", message='No "kites", no')
    (here,) = shown(talk, "jobs")

    assert (here["state"], here["message"]) == ("failed", 'No "kites", no')
    assert 'No \\"kites\\", no' in talk.call("retrieve", job.id).text


def test_bodies_and_paths_that_are_none(talk: Talk) -> None:
    url, json_type = talk.gateway.url + "/_vidspec", {"content-type": "application/json"}
    post = talk.http.post
    assert post(f"{url}/reset", content=b"{", headers=json_type).status_code == 400
    assert post(f"{url}/reset", content=b"[]", headers=json_type).status_code == 400
    assert post(f"{url}/reset", content=b" " * (1 << 21), headers=json_type).status_code == 400
    assert post(f"{url}/state", json={}).status_code == 405
    assert talk.http.get(f"{url}/nothing").status_code == 404
    assert talk.http.get(f"{url}/../page.py").status_code == 404
    assert talk.http.get(url, follow_redirects=True).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.test"}, 403), ({"origin": "null"}, 403), ({"host": "evil.test"}, 403),
        ({"host": "evil.test", "origin": "http://evil.test"}, 403), ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403), ({"content-type": "text/plain"}, 415), ({"content-type": ""}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415), ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200), ({"host": "localhost:1"}, 200), ({"host": "[::1]:80"}, 200),
    ],
)  # fmt: skip
def test_pages_of_another_origin_are_not_heard(
    talk: Talk, headers: dict[str, str], status: int
) -> None:
    """Whatever a browser can be made to send without asking first."""
    sent = {"content-type": "application/json"} | headers
    reply = talk.http.post(f"{talk.gateway.url}/_vidspec/reset", content=b"{}", headers=sent)

    assert reply.status_code == status
    assert "access-control-allow-origin" not in reply.headers
    asked = talk.http.options(
        f"{talk.gateway.url}/_vidspec/reset", headers={"origin": "http://evil.test"}
    )
    assert asked.status_code == 403


def test_jobs_are_not_read_by_other_pages(talk: Talk) -> None:
    url = f"{talk.gateway.url}/_vidspec/"
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}

    assert talk.http.get(url + "state", headers=foreign).status_code == 403
    assert talk.http.get(url + "page.js", headers=foreign).status_code == 403
    assert talk.http.get(url, headers=foreign).status_code == 200
    assert (
        talk.http.get(
            url, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
        ).status_code
        == 403
    )


def request(client: str, host: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "client": (client, 1),
        "headers": [(b"host", host.encode())],
    }


@pytest.mark.parametrize(
    ("client", "host", "local", "anywhere"),
    [
        ("127.0.0.1", "127.0.0.1:80", True, True), ("::1", "[::1]:80", True, True),
        ("::ffff:127.0.0.1", "localhost", True, True), ("10.0.0.5", "127.0.0.1", False, True),
        ("10.0.0.5", "10.0.0.9:8000", False, True), ("10.0.0.5", "mock:8000", False, True),
        ("10.0.0.5", "evil.test", False, False), ("127.0.0.1", "10.0.0.9", False, True),
        ("127.0.0.1", "", False, False), ("127.0.0.1", "localhost.evil.test", False, False),
        ("garbage", "localhost", False, True),
    ],
)  # fmt: skip
def test_other_machines_and_names(client: str, host: str, local: bool, anywhere: bool) -> None:
    scope = request(client, host)
    assert (refusal(scope, anywhere=False) is None) == local
    assert (refusal(scope, anywhere=True) is None) == anywhere


def test_headers_that_stand_there_twice_are_refused(gateway: MockGateway) -> None:
    port = int(gateway.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        peer.sendall(
            b"GET /_vidspec/state HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
            b"Origin: http://evil.test\r\nConnection: close\r\n\r\n"
        )
        assert b" 400 " in peer.recv(100)


def test_control_can_be_left_out(contract: Contract) -> None:
    with running("openai", contract=contract, control="off") as gateway, httpx2.Client() as http:
        for what in ("", "state"):
            assert http.get(f"{gateway.url}/_vidspec/{what}").status_code == 404
        assert http.post(f"{gateway.url}/_vidspec/reset", json={}).status_code == 404


def test_page_has_a_strict_policy(talk: Talk) -> None:
    reply = talk.http.get(f"{talk.gateway.url}/_vidspec/")
    policy = reply.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "://" not in reply.text


def test_python_moves_jobs_too(talk: Talk, gateway: MockGateway) -> None:
    ids = [str(talk.create().id) for _ in range(3)]
    gateway.fail(ids[0], "moderation_blocked")
    gateway.advance(ids[1])
    gateway.complete(ids[2])
    assert [talk.retrieve(i).state for i in ids] == ["failed", "in_progress", "completed"]
    with pytest.raises(UsageError, match="there is no job"):
        gateway.fail("none")
    with pytest.raises(UsageError, match="come to its end"):
        gateway.advance(ids[0])


def test_command_line_says_it_too() -> None:
    """Scripts, faults and the seed as options; without control there is no page."""
    command = [
        sys.executable, "-m", "vidspec", "mock", "openai", "--port", "0", "--no-control",
        "--script", "sora-2=failed:x", "--fault", "status=503 on=create times=1", "--seed", "7",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as mock:
        assert mock.stdout is not None
        url = mock.stdout.readline().split()[1]
        with httpx2.Client(headers={"authorization": "Bearer x"}, timeout=30) as http:
            body = {"model": "sora-2", "prompt": "A kite"}
            replies = [http.post(f"{url}/videos", json=body) for _ in range(2)]
            page = http.get(url.removesuffix("/v1") + "/_vidspec/")
        mock.terminate()

    assert [reply.status_code for reply in replies] == [503, 200]
    assert replies[1].json()["error"]["code"] == "x"
    assert page.status_code == 404


@pytest.mark.parametrize(
    "option", [["--script", "nope"], ["--fault", "nope"], ["--script", "@/nowhere"]]
)
def test_wrong_options_are_wrong_usage(option: list[str]) -> None:
    command = [sys.executable, "-m", "vidspec", "mock", "openai", "--port", "0", *option]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert any(word in done.stderr for word in ("names no state", "is no incident", "nowhere"))
