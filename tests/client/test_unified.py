"""One test for every dialect: what an application does with a gateway, through the one client over all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock.probing import probe_video
from vidspec.contract import load_contract, load_gateways
from vidspec.contract.model import Dialect
from vidspec.mock import running
from vidspec_client import JobFailed, Unsupported, VideoJob, errors
from vidspec_client.jimeng import Client as OneDialect

from .unified import KINDS

GATEWAYS = load_gateways()
DIALECTS = tuple(load_contract().dialects)
SPEAKERS = [(name, "published") for name in DIALECTS] + [
    (name, "observed") for name, g in GATEWAYS.items() if g.observed is not g.published
]


def test_every_dialect_has_a_gateway_of_its_name() -> None:
    assert set(DIALECTS) <= set(GATEWAYS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "profile"), SPEAKERS, ids=lambda value: value)
def test_an_application_makes_waits_saves_lists_remixes_and_deletes(
    name: str, profile: Any, kind: str, tmp_path: Path
) -> None:
    spoken = GATEWAYS[name].profile(profile)
    with (
        running(name, profile=profile, job_seconds=0.2) as mock,
        KINDS[kind](
            name, base_url=mock.base_url, secrets=secrets_of(spoken), profile=profile
        ) as client,
    ):
        wishes = wishes_for(client)
        seen: list[VideoJob] = []

        job = client.create("A fox in the snow", model=model_of(spoken), **wishes)
        assert mock.paid_calls == 1
        done = client.wait(job, interval=0.05, timeout=20, on_update=seen.append)
        saved = client.download(done, tmp_path / "fox.mp4")

        assert done.state == "completed"
        assert done.id
        assert done.raw
        assert [j.state for j in seen][-1] == "completed"
        assert client.retrieve(done).state == "completed"
        assert_is_as_asked(saved.path.read_bytes(), wishes)
        provider = {"provider": "openai"} if needs_provider(spoken) else {}
        listed = attempt(lambda: list(client.list(limit=5, **provider)))
        assert (listed is None) == (spoken.by_role("list") is None)
        assert listed is None or done.id in [j.id for j in listed]
        remixed = attempt(lambda: client.remix(done, "In the rain"))
        assert (remixed is None) == (spoken.by_role("remix") is None)
        assert remixed is None or remixed.id != done.id
        models = attempt(client.models)
        assert (models is None) == (spoken.by_role("models") is None)
        assert models is None or all(model.id for model in models)
        refusal = refused(lambda: client.delete(done))
        assert (refusal is not None) == (spoken.by_role("delete") is None)
        assert refusal is None or (name in str(refusal) and refusal.operation == "delete")
        assert mock.paid_calls == 1 + (remixed is not None)


@pytest.mark.parametrize("profile", ["published", "observed"])
@pytest.mark.parametrize("name", [n for n, g in GATEWAYS.items() if g.observed is not g.published])
def test_a_client_left_to_itself_survives_both_profiles(
    name: str, profile: Any, tmp_path: Path
) -> None:
    spoken = GATEWAYS[name].profile(profile)
    with (
        running(name, profile=profile, job_seconds=0.1) as mock,
        KINDS["sync"](name, base_url=mock.base_url, api_key="k") as client,
    ):
        for surface in client.capabilities.surfaces:
            if not client.capabilities.can("create", surface):
                continue
            job = client.create("A fox", model=model_of(spoken), surface=surface)
            done = client.wait(job, interval=0.05, timeout=20)
            saved = client.download(done, tmp_path / f"{surface}.mp4")

            assert done.state == "completed", surface
            assert probe_video(saved.path.read_bytes()).frames > 0, surface


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "profile"), SPEAKERS, ids=lambda value: value)
def test_a_job_that_fails_is_a_failed_job_in_every_dialect(
    name: str, profile: Any, kind: str
) -> None:
    """Also where the question about it is refused, with a code (no word says it) or with the job as the error's body."""
    spoken = GATEWAYS[name].profile(profile)
    with (
        running(name, profile=profile, scripts={"*": "queued, 40%, failed"}) as mock,
        KINDS[kind](
            name, base_url=mock.base_url, secrets=secrets_of(spoken), profile=profile
        ) as client,
    ):
        for surface in client.capabilities.surfaces:
            if not client.capabilities.can("create", surface):
                continue
            picture = {"image": PNG} if surface.startswith("image") else {}
            job = client.create("A fox", model=model_of(spoken), surface=surface, **picture)
            seen: list[VideoJob] = []

            with pytest.raises(JobFailed) as failed:
                client.wait(job, interval=0.01, timeout=20, on_update=seen.append)

            assert failed.value.job.id == job.id
            assert [j.state for j in seen][-1] == "failed"
            assert client.retrieve(job).state == "failed"
            if not spoken.surfaces[surface].words("failed"):
                assert failed.value.job.error_code in spoken.surfaces[surface].refusals
                assert "has failed" in (failed.value.job.error_message or "")
                # A refusal for any other reason stays what it is.
                mock.fault("status=401 times=1")
                with pytest.raises(errors.Unauthorized):
                    client.retrieve(job)


def test_a_client_of_one_dialect_waits_for_a_refused_job_alike() -> None:
    """Waiting ends in the failed job; a single question is answered as the gateway answers it."""
    model = "jimeng_t2v_v30"
    with (
        running("jimeng", scripts={"*": "queued, failed"}) as mock,
        OneDialect(base_url=mock.base_url, access_key="a", secret_key="s") as client,
    ):
        task = client.submit_task(req_key=model, prompt="A fox").data.task_id

        with pytest.raises(JobFailed, match="50412: The job") as failed:
            client.wait(req_key=model, task_id=task, interval=0.01)
        with pytest.raises(errors.BadRequest):
            client.get_result(req_key=model, task_id=task)

    assert failed.value.job.id == task


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_stops_generate_is_told_the_job(
    kind: str, stop: type[BaseException], tmp_path: Path
) -> None:
    def leave(_: object) -> None:
        raise stop

    with (
        running("openai", job_seconds=0.1) as mock,
        KINDS[kind]("openai", base_url=mock.base_url, api_key="k") as client,
    ):
        with pytest.raises(stop) as ended:
            client.generate("A fox", tmp_path / "fox.mp4", interval=0.05, on_update=leave)
        [job] = client.list()

    assert ended.value.__notes__ == [
        f"The job {job.id} has been made; wait and download go on with its id."
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_generate_is_create_wait_and_save(kind: str, tmp_path: Path) -> None:
    received: list[int] = []
    with (
        running("openai", job_seconds=0.1) as mock,
        KINDS[kind]("openai", base_url=mock.base_url, api_key="k") as client,
    ):
        made = client.generate(
            "A fox",
            tmp_path / "fox.mp4",
            interval=0.05,
            seconds=4,
            progress=lambda done, _: received.append(done),
        )

    assert made.job.state == "completed"
    assert made.file.size == received[-1] == (tmp_path / "fox.mp4").stat().st_size


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_and_a_surface_are_enough_to_go_on(kind: str, tmp_path: Path) -> None:
    secrets = {"access_key": "a", "secret_key": "s"}
    with (
        running("kling", job_seconds=0.1) as mock,
        KINDS[kind]("kling", base_url=mock.base_url, secrets=secrets) as client,
    ):
        job = client.create("A fox", image=PNG)
        assert job.surface == "image2video"

        with pytest.raises(Exception, match="404"):
            client.retrieve(job.id)
        client.wait(job.id, surface="image2video", interval=0.05)
        saved = client.download(job.id, tmp_path / "a.mp4", surface="image2video")

    assert saved.size > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_walked_to_its_end_or_to_the_limit(kind: str) -> None:
    with (
        running("openai", job_seconds=0) as mock,
        KINDS[kind]("openai", base_url=mock.base_url, api_key="k") as client,
    ):
        made = [client.create(f"Fox {number}").id for number in range(5)]

        assert sorted(job.id for job in client.list()) == sorted(made)
        assert len(list(client.list(limit=3))) == 3


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32


def secrets_of(dialect: Dialect) -> dict[str, str]:
    return dict.fromkeys(dialect.environment.keys() - {"base_url"}, "test")


def model_of(dialect: Dialect) -> str | None:
    create = dialect.by_role("create")
    assert create is not None
    field = create.field("model")
    values = [e.value for b in create.bodies for e in b.examples]
    return next((v[field.name] for v in values if field and field.name in v), None)


def needs_provider(dialect: Dialect) -> bool:
    operation = dialect.by_role("list")
    provider = operation.parameter("provider") if operation else None
    return provider is not None and provider.required


def wishes_for(client: Any) -> dict[str, Any]:
    can = client.capabilities
    parameters = can.surfaces[can.default_surface].parameters
    wishes: dict[str, Any] = {"seconds": next(iter(parameters["seconds"].choices), 6)}
    if "size" in parameters:
        wishes["size"] = "1280x720"
    else:
        wishes["aspect_ratio"] = "16:9"
    return wishes


def assert_is_as_asked(data: bytes, wishes: dict[str, Any]) -> None:
    video = probe_video(data)
    assert video.seconds == pytest.approx(wishes["seconds"], abs=0.2)
    assert video.width * 9 == video.height * 16
    if "size" in wishes:
        assert f"{video.width}x{video.height}" == wishes["size"]


def attempt(call: Callable[[], Any]) -> Any:
    """Return what the call gives, or None when the dialect cannot do it."""
    try:
        return call()
    except Unsupported:
        return None


def refused(call: Callable[[], Any]) -> Unsupported | None:
    try:
        call()
    except Unsupported as error:
        return error
    return None
