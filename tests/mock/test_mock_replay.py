"""Recording a session with a gateway and replaying it: the same bytes, no secret, no call."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from vidspec.contract import Contract
from vidspec.errors import UsageError
from vidspec.mock import MockGateway, MockOptions, Recording, running

#: OpenAI has ended its own service; the SDK says so at every call.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

KEY = "sk-a-very-secret-key-0123456789"


def sdk(gateway: MockGateway) -> openai.OpenAI:
    """Return the SDK, pointed at a mock."""
    return openai.OpenAI(api_key=KEY, base_url=gateway.base_url, max_retries=0)


def session(gateway: MockGateway) -> list[Any]:
    """Make, follow, fetch, list, remix and delete a video with the SDK; return all that it saw."""
    seen: list[Any] = []
    with sdk(gateway) as client:
        video = client.videos.create(prompt="a fox at dawn", seconds="4", model="sora-2")
        seen.append(video.to_dict())
        while video.status in {"queued", "in_progress"}:
            video = client.videos.retrieve(video.id)
            seen.append(video.to_dict())
        seen.append(client.videos.download_content(video.id).read())
        seen.append(client.videos.download_content(video.id, variant="thumbnail").read())
        seen.append([item.to_dict() for item in client.videos.list(limit=5)])
        seen.append(client.videos.remix(video.id, prompt="a badger").to_dict())
        seen.append(client.videos.delete(video.id).to_dict())
        with pytest.raises(openai.NotFoundError) as refused:
            client.videos.retrieve(video.id)
        seen.append(refused.value.body)
    return seen


@pytest.fixture(scope="module")
def recorded(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Any]]:
    """Give the fixtures of a session, and what was seen in it."""
    with running("openai", contract=contract, job_seconds=0.3) as upstream:
        folder = tmp_path_factory.mktemp("fixtures")
        recording = Recording(upstream.base_url, folder)
        with running("openai", contract=contract, record=recording) as recorder:
            seen = session(recorder)
    return folder, seen


def test_replay_says_what_was_recorded(
    contract: Contract, recorded: tuple[Path, list[Any]]
) -> None:
    """The openai SDK sees the same jobs in the same states, and the same bytes, without an upstream."""
    folder, seen = recorded

    with running("openai", contract=contract, replay=folder) as replayed:
        again = session(replayed)

    assert again == seen
    videos = [value for value in seen if isinstance(value, bytes)]
    assert [len(value) > 1000 for value in videos] == [True, True]


def test_replay_runs_again_under_other_ids(
    contract: Contract, recorded: tuple[Path, list[Any]]
) -> None:
    """A second run begins anew: its own id, its own walk through the states, the same media."""
    folder, seen = recorded

    with running("openai", contract=contract, replay=folder) as replayed:
        first, second = session(replayed), session(replayed)
        replayed.reset()
        assert session(replayed) == first == seen

    one, two = first[0]["id"], second[0]["id"]
    assert one != two
    assert len(one) == len(two)
    walk = [value["status"] for value in second if isinstance(value, dict) and "status" in value]
    assert walk == [
        value["status"] for value in first if isinstance(value, dict) and "status" in value
    ]
    assert {v["id"] for v in second[:2]} == {two}
    assert [v for v in second if isinstance(v, bytes)] == [v for v in first if isinstance(v, bytes)]
    assert second[-3]["remixed_from_video_id"] == two


def test_spaces_replay_apart(contract: Contract, recorded: tuple[Path, list[Any]]) -> None:
    """Each space walks through the exchanges by itself."""
    folder, seen = recorded

    with running("openai", contract=contract, replay=folder) as replayed:
        for space in ("one", "two"):
            headers = {"authorization": "Bearer x", "vidspec-space": space}
            body = {"prompt": "a fox at dawn", "seconds": "4", "model": "sora-2"}
            made = httpx2.post(f"{replayed.base_url}/videos", json=body, headers=headers)
            assert made.json()["id"] == seen[0]["id"]


def test_no_secret_is_kept(contract: Contract, tmp_path: Path) -> None:
    """Keys, cookies, signed queries and fields that carry credentials are struck out of every file."""
    with running("openai", contract=contract, job_seconds=0) as upstream:
        recording = Recording(upstream.base_url, tmp_path)
        with running("openai", contract=contract, record=recording) as recorder:
            reply = httpx2.post(
                f"{recorder.base_url}/videos",
                headers={
                    "authorization": f"Bearer {KEY}",
                    "cookie": "session=hush-hush-hush",
                    "x-api-key": "hidden-in-a-header",
                },
                json={
                    "model": "sora-2",
                    "prompt": f"a fox; my key is {KEY}",
                    "input_reference": {
                        "image_url": "https://u:pw@cdn.example/a.png?X-Amz-Signature=abcdef&X-Amz-Date=1"
                    },
                    "api_key": "in-the-body",
                },
            )
            assert reply.status_code == 200
            assert reply.json()["prompt"] == f"a fox; my key is {KEY}"

    text = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert "a fox; my key is [struck out]" in text
    assert "https://cdn.example/a.png?[struck out]" in text
    for secret in (KEY, "hush-hush", "hidden-in", "abcdef", "in-the-body", "u:pw", "Bearer"):
        assert secret not in text, secret


def test_fixtures_are_readable(recorded: tuple[Path, list[Any]]) -> None:
    """One JSON file an exchange, in order, named for its operation, media beside it."""
    folder, _ = recorded
    files = sorted(path.name for path in (folder / "openai").iterdir())
    first = json.loads((folder / "openai" / files[0]).read_text())

    assert files[0] == "0001-createVideo.json"
    assert [name for name in files if not name.endswith(".json")] == [
        name.replace(".json", suffix)
        for name, suffix in zip(
            [name for name in files if "Content" in name and name.endswith(".json")],
            (".mp4", ".webp"),
            strict=True,
        )
    ]
    assert first["operation"] == "createVideo"
    assert first["request"]["body"] == {
        "prompt": "a fox at dawn",
        "seconds": "4",
        "model": "sora-2",
    }
    assert first["reply"]["status"] == 200


def test_miss_is_a_refusal_that_says_what_differs(
    contract: Contract, recorded: tuple[Path, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is ever called: a request that was not recorded is refused in the dialect's envelope."""
    folder, _ = recorded

    with running("openai", contract=contract, replay=folder) as replayed, sdk(replayed) as client:
        called: list[Any] = []
        real = socket.socket.connect

        def connect(self: socket.socket, address: Any) -> None:
            if address[1] != int(replayed.url.rpartition(":")[2]):
                called.append(address)
            real(self, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        with pytest.raises(openai.NotFoundError, match="differs in prompt"):
            client.videos.create(prompt="another fox", seconds="4", model="sora-2")
        with pytest.raises(openai.NotFoundError, match=r"differs in path\.video_id"):
            client.videos.retrieve("video_unknown")
        with pytest.raises(openai.NotFoundError, match="Nothing is kept of listModels"):
            client.models.list()
        assert called == []


@pytest.mark.parametrize("form", ["json", "multipart", "other order"])
def test_what_is_asked_counts_not_how(
    contract: Contract, recorded: tuple[Path, list[Any]], form: str
) -> None:
    """Order of keys, JSON or multipart, number or text: the same question finds the same answer."""
    folder, seen = recorded
    said: dict[str, Any] = {"seconds": "4", "model": "sora-2", "prompt": "a fox at dawn"}
    sent: Mapping[str, Any] = {
        "json": {"json": dict(reversed(said.items()))},
        "other order": {"json": said},
        "multipart": {"files": {name: (None, value) for name, value in said.items()}},
    }[form]

    with running("openai", contract=contract, replay=folder) as replayed:
        reply = httpx2.post(
            f"{replayed.base_url}/videos", headers={"authorization": "Bearer other"}, **sent
        )

    assert reply.headers["vidspec-fixture"] == "0001-createVideo"
    assert reply.json() == seen[0]


def kling_session(gateway: MockGateway, external: str) -> list[Any]:
    """Make and follow a task whose result has an address of its own; fetch it, whole and in part."""
    seen: list[Any] = []
    with httpx2.Client(headers={"authorization": "Bearer any"}) as http:
        path = f"{gateway.base_url}/v1/videos/text2video"
        body = {"model_name": "kling-v2-6", "prompt": "狐狸", "external_task_id": external}
        task = http.post(path, json=body).json()["data"]
        seen.append(task)
        while task["task_status"] not in {"succeed", "failed"}:
            task = http.get(f"{path}/{task['task_id']}").json()["data"]
            seen.append(task)
        by_own_id = http.get(f"{path}/{external}").json()["data"]
        assert by_own_id["task_id"] == task["task_id"]
        url = task["task_result"]["videos"][0]["url"]
        assert url.startswith(gateway.url)
        whole, part = http.get(url), http.get(url, headers={"range": "bytes=0-99"})
        assert (part.status_code, part.content) == (206, whole.content[:100])
        seen.append(whole.content)
    return seen


def test_results_at_addresses_are_kept_too(contract: Contract, tmp_path: Path) -> None:
    """Where the reply names an address, what stands there is recorded and replayed; ids of one's own may differ."""
    with running("kling", contract=contract, job_seconds=0.3) as upstream:
        recording = Recording(upstream.base_url, tmp_path)
        with running("kling", contract=contract, record=recording) as recorder:
            seen = kling_session(recorder, "mine-1")
            port = recorder.url
    with running("kling", contract=contract, replay=tmp_path) as replayed:
        again = json.loads(
            json.dumps(kling_session(replayed, "mine-2"), default=bytes.hex)
            .replace(replayed.url, port)
            .replace("mine-2", "mine-1")
        )

    assert again == json.loads(json.dumps(seen, default=bytes.hex))
    assert upstream.url not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


def test_media_may_be_left_out(contract: Contract, tmp_path: Path) -> None:
    """Without media the fixtures are small, and replay shows a video that says so."""
    with running("openai", contract=contract, job_seconds=0) as upstream:
        recording = Recording(upstream.base_url, tmp_path, media=False)
        with running("openai", contract=contract, record=recording) as recorder:
            seen = session(recorder)
    assert {path.suffix for path in (tmp_path / "openai").iterdir()} == {".json"}
    with running("openai", contract=contract, replay=tmp_path) as replayed:
        again = session(replayed)

    assert [v for v in again if not isinstance(v, bytes)] == [
        v for v in seen if not isinstance(v, bytes)
    ]
    assert [v[4:8] if v[4:8] == b"ftyp" else v[:4] for v in again if isinstance(v, bytes)] == [
        b"ftyp",
        b"RIFF",
    ]


def test_upstream_that_is_away_is_said(contract: Contract, tmp_path: Path) -> None:
    """An upstream that does not answer is a failure of its own, and nothing is kept of it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        recording = Recording(f"http://127.0.0.1:{closed.getsockname()[1]}/v1", tmp_path)
        with (
            running("openai", contract=contract, record=recording) as recorder,
            sdk(recorder) as client,
            pytest.raises(openai.InternalServerError, match="upstream does not answer"),
        ):
            client.videos.retrieve("video_1")
    assert list((tmp_path / "openai").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "no fixtures"),
        ("{", "is no fixture"),
        ('{"operation": "x"}', "is no fixture"),
        (
            '{"operation": "x", "request": {}, "reply": {"status": 200, "file": "../../etc/passwd"}}',
            "not beside it",
        ),
    ],
)
def test_wrong_fixtures_are_complained_of(
    contract: Contract, tmp_path: Path, text: str | None, complaint: str
) -> None:
    """A folder without fixtures, or with broken ones, is told at the start."""
    folder = tmp_path / "openai"
    folder.mkdir()
    if text is not None:
        (folder / "0001-x.json").write_text(text)

    with (
        pytest.raises(UsageError, match=complaint),
        running("openai", contract=contract, replay=tmp_path),
    ):
        pass


def test_missing_folder_is_complained_of(contract: Contract, tmp_path: Path) -> None:
    """A folder that does not exist is told, too."""
    with (
        pytest.raises(UsageError, match="cannot read fixtures"),
        running("openai", contract=contract, options=MockOptions(replay=tmp_path / "none")),
    ):
        pass
