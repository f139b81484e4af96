import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp

from conformance.gateway import KEY, Gateway, serving
from conformance.harmless import Harmless
from vidspec.conformance.credentials import Keyring
from vidspec.conformance.exchange import Redactor
from vidspec.conformance.gate import GATE_HEADER, PASS_HEADER, Gate
from vidspec.conformance.gate_server import serving as serving_gate
from vidspec.conformance.purse import Passage, Purse
from vidspec.conformance.target import Target
from vidspec.contract import Contract

_BODY = {"prompt": "A calm lake."}


@contextmanager
def _gate(
    contract: Contract, gateway: Gateway, cap: int | None, app: ASGIApp | None = None
) -> Iterator[tuple[Gate, httpx2.Client, list[Passage]]]:
    passages: list[Passage] = []
    dialect = contract.dialects["openai"]
    with serving(app or gateway.app()) as origin:
        target = Target(f"{origin}/v1", "openai", api_key=KEY)
        keyring = Keyring.of(dialect, target, Redactor([KEY]))
        gate = Gate(target, dialect, keyring, Purse(cap), on_passage=passages.append)
        login = {"authorization": f"Bearer {gate.token}"}
        with serving_gate(gate) as base, httpx2.Client(base_url=base, headers=login) as client:
            yield gate, client, passages


def test_the_cap_is_exact_also_in_parallel(contract: Contract) -> None:
    gateway = Gateway(habits=frozenset({"slow_create"}))
    with _gate(contract, gateway, 3) as (gate, client, _), ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: client.post("/videos", json=_BODY), range(24)))

        assert [r.status_code for r in replies].count(200) == 3 == gateway.paid == gate.purse.spent
        late = [r for r in replies if r.status_code == 429]
        assert len(late) == 21 == gate.purse.refused
        assert all(GATE_HEADER in r.headers for r in late)


def test_a_cap_of_nothing_lets_no_paid_call_through(contract: Contract) -> None:
    gateway = Gateway(habits=frozenset({"accepts_everything"}))
    with _gate(contract, gateway, 0) as (_, client, _):
        for path in ("/videos", "/videos/", "/videos//", "/Videos", "/unknown"):
            assert client.post(path, json={}).headers[GATE_HEADER]
        assert client.get("/videos").status_code == 200

    assert gateway.paid == 0


def test_a_refused_create_costs_nothing(contract: Contract) -> None:
    gateway = Gateway()
    with _gate(contract, gateway, 1) as (gate, client, _):
        assert client.post("/videos", json={}).status_code == 400
        assert client.post("/videos", json=_BODY).status_code == 200
        assert client.post("/videos", json=_BODY).status_code == 429
        assert gate.purse.spent == 1


def test_the_placeholder_is_swapped_and_other_keys_pass_as_they_are(contract: Contract) -> None:
    with _gate(contract, Gateway(), None) as (_, client, _):
        assert client.get("/videos").status_code == 200
        assert client.get("/videos", headers={"authorization": "Bearer other"}).status_code == 401


def test_jobs_of_the_pool_are_kept_from_other_tools(contract: Contract) -> None:
    gateway = Gateway()
    with _gate(contract, gateway, None) as (gate, client, _):
        job_id = client.post("/videos", json=_BODY).json()["id"]
        gate.protected.add(job_id)

        assert client.delete(f"/videos/{job_id}").headers[GATE_HEADER]
        assert job_id in gateway.jobs
        allowed = client.delete(f"/videos/{job_id}", headers={PASS_HEADER: gate.token})
        assert allowed.status_code == 200


def test_the_gate_leads_to_one_place_and_needs_its_path(contract: Contract) -> None:
    with _gate(contract, Gateway(), None) as (gate, client, _):
        base = str(client.base_url)
        origin = base.split(gate.token, maxsplit=1)[0]
        for url in (
            f"{origin}v1/videos",
            f"{origin}guess/v1/videos",
            f"{origin}{gate.token}/other",
        ):
            assert httpx2.get(url).headers[GATE_HEADER] == "not a path of this gate"


def test_a_redirect_within_the_gateway_is_one_call_and_is_paid_once(contract: Contract) -> None:
    gateway = Gateway()
    app = Harmless(gateway.app(), ("elsewhere",))
    with _gate(contract, gateway, 2, app) as (gate, client, passages):
        assert [client.post("/videos", json=_BODY).status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/videos").status_code == 200
        assert gate.purse.spent == gateway.paid == 2

    assert app.moved == 3
    assert [p.path for p in passages] == ["/videos"] * 4


def test_a_redirect_out_of_the_gateway_is_handed_on_and_not_followed(contract: Contract) -> None:
    gateway, elsewhere = Gateway(), Gateway()
    with serving(elsewhere.app()) as other:
        app = RedirectResponse(f"{other}/v1/videos", 307)
        with _gate(contract, gateway, 2, app) as (gate, client, _):
            replies = [client.post("/videos", json=_BODY), client.get("/videos")]

    assert [(r.status_code, r.headers["location"]) for r in replies] == [
        (307, f"{other}/v1/videos")
    ] * 2
    assert elsewhere.requests == gate.purse.spent == 0


def test_redirects_in_a_circle_end(contract: Contract) -> None:
    with _gate(contract, Gateway(), 1, RedirectResponse("/v1/videos", 307)) as (gate, client, _):
        assert client.post("/videos", json=_BODY).status_code == 307
        assert gate.purse.spent == 0


def test_a_compressed_refusal_in_a_200_costs_nothing(contract: Contract) -> None:
    refusal = JSONResponse({"code": 1301, "message": "No.", "request_id": "r"})
    app = Harmless(refusal, ("zipped",))
    dialect = contract.dialects["kling"]
    with serving(app) as origin:
        target = Target(origin, "kling", api_key=KEY)
        gate = Gate(target, dialect, Keyring.of(dialect, target, Redactor()), Purse(1))
        with serving_gate(gate) as base:
            reply = httpx2.post(f"{base}/v1/videos/text2video", json=_BODY)

    assert reply.headers["content-encoding"] == "gzip"
    assert (reply.json()["code"], gate.purse.spent) == (1301, 0)


def test_odd_paths_arrive_as_they_were_sent(contract: Contract) -> None:
    with _gate(contract, Gateway(), None) as (_, client, passages):
        assert client.get("/videos/a%0Ab%2Fc").status_code == 404

    assert passages[-1].path == "/videos/a%0Ab%2Fc"


def test_a_dead_gateway_is_told_apart_from_an_answer(contract: Contract) -> None:
    dialect = contract.dialects["openai"]
    target = Target("http://127.0.0.1:9/v1", "openai", api_key=KEY)
    keyring = Keyring.of(dialect, target, Redactor())
    gate = Gate(target, dialect, keyring, Purse(1))
    with serving_gate(gate) as base:
        reply = httpx2.post(f"{base}/videos", json=_BODY)

    assert (reply.status_code, gate.purse.spent) == (502, 0)
    assert "ConnectError" in json.loads(reply.content)["gate"]
