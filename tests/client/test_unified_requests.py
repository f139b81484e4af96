"""What the client over all dialects says, and what it refuses to say: no server is running in these tests."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vidspec_client import Unsupported, UnsupportedValue, VideoClient
from vidspec_client._runtime.frames import fits, restate
from vidspec_client._runtime.interpreter import JobCall
from vidspec_client._runtime.requests import Form, Json

from .unified import KINDS

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
URL = "https://pictures.example/fox.png"
NOWHERE = "http://127.0.0.1:9"


def client(name: str, **options: Any) -> VideoClient:
    return VideoClient(name, api_key="k", base_url=NOWHERE, max_retries=0, **options)


def call(name: str, profile: Any = "observed", **wishes: Any) -> JobCall:
    surface = wishes.pop("surface", None)
    prompt = wishes.pop("prompt", "A fox")
    return client(name, profile=profile)._create_call(prompt, surface, None, wishes)  # type: ignore[arg-type]


def body(name: str, profile: Any = "observed", **wishes: Any) -> dict[str, Any]:
    sent = call(name, profile, **wishes).request.body
    assert isinstance(sent, Json)
    found: dict[str, Any] = json.loads(sent.content)
    return found


def test_each_dialect_is_asked_in_its_own_words() -> None:
    assert body("openai", seconds=8, size="1280x720") == {
        "prompt": "A fox",
        "seconds": "8",
        "size": "1280x720",
    }
    assert body("openrouter", model="m", seconds=8, audio=False) == {
        "prompt": "A fox",
        "model": "m",
        "duration": 8,
        "generate_audio": False,
    }
    assert body("kling", seconds=5, audio=True)["duration"] == "5"
    assert body("kling", audio=True)["sound"] == "on"
    assert body("jimeng", model="m", seconds=10)["frames"] == 241
    assert body("bifrost", "published", model="m", seconds=8)["seconds"] == 8
    assert body("bifrost", "observed", model="m", seconds=8)["seconds"] == "8"


def test_the_size_is_restated_only_where_that_is_exact() -> None:
    assert body("newapi", "published", surface="generations", size="1280x720") == {
        "prompt": "A fox",
        "width": 1280,
        "height": 720,
    }
    assert body("openai", aspect_ratio="16:9", resolution="720p")["size"] == "1280x720"
    assert body("openai", aspect_ratio="7:4")["size"] == "1792x1024"
    with pytest.raises(UnsupportedValue, match="720x1280, 1280x720, 1024x1792, 1792x1024"):
        call("openai", resolution="720p")
    with pytest.raises(UnsupportedValue, match="16:9, 9:16, 1:1"):
        call("kling", size="1280x720")


@pytest.mark.parametrize(
    ("asked", "offered", "said"),
    [
        (
            {"size": "1280x720"},
            {"aspect_ratio", "resolution"},
            {"aspect_ratio": "16:9", "resolution": "720p"},
        ),
        (
            {"size": "720x1280"},
            {"aspect_ratio", "resolution"},
            {"aspect_ratio": "9:16", "resolution": "720p"},
        ),
        ({"aspect_ratio": "9:16", "resolution": "1080p"}, {"size"}, {"size": "1080x1920"}),
        ({"width": 640, "height": 360}, {"size"}, {"size": "640x360"}),
        ({"size": "1280x720"}, {"size"}, {"size": "1280x720"}),
        # 480 lines in 16:9 are no whole number of pixels, and 4K is no number of lines.
        ({"aspect_ratio": "16:9", "resolution": "480p"}, {"size"}, None),
        ({"aspect_ratio": "16:9", "resolution": "4K"}, {"size"}, None),
        ({"size": "1280x720"}, {"aspect_ratio"}, None),
        ({"size": "large"}, {"width", "height"}, None),
        ({"size": "1280x720", "aspect_ratio": "16:9"}, {"size"}, None),
    ],
)
def test_conversions_of_the_size(asked: Any, offered: Any, said: Any) -> None:
    assert restate({"prompt": "p", **asked}, offered, ()) == {"prompt": "p", **(said or asked)}


def test_a_size_fits_a_ratio_and_a_resolution() -> None:
    assert fits("1280x720", "16:9", "720p")
    assert not fits("1280x720", "9:16", None)
    assert not fits("1280x720", None, "1080p")


@pytest.mark.parametrize(
    ("name", "wishes", "message", "parameter"),
    [
        ("openai", {"seconds": 5}, "cannot be 5 here; it can be 4, 8, 12", "seconds"),
        ("openai", {"size": "1x1"}, "720x1280, 1280x720", "size"),
        ("openai", {"negative_prompt": "dogs"}, "no negative_prompt", "negative_prompt"),
        ("openai", {"seed": 7}, "no seed", "seed"),
        ("kling", {"seconds": 5.5}, "it can be 3, 4, 5", "seconds"),
        ("jimeng", {"model": "m", "seconds": 6}, "it can be 5, 10", "seconds"),
        ("jimeng", {}, "model must be given", "model"),
        ("openrouter", {"model": "m", "aspect_ratio": "5:4"}, "16:9, 9:16", "aspect_ratio"),
        ("openrouter", {"model": "m", "seconds": 0}, "at least 1", "seconds"),
        ("openrouter", {"model": "m", "seconds": 2.5}, "it can be integer, at least 1", "seconds"),
        ("openai", {"prompt": None}, "prompt must be given", "prompt"),
    ],
)
def test_what_a_dialect_cannot_say_lists_what_it_can(
    name: str, wishes: Any, message: str, parameter: str
) -> None:
    with pytest.raises(UnsupportedValue, match=message) as caught:
        call(name, **wishes)

    assert caught.value.parameter == parameter
    assert caught.value.dialect == name
    assert caught.value.operation == "create"
    assert name in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_the_choices_are_canonical_values() -> None:
    with pytest.raises(UnsupportedValue) as caught:
        call("openai", seconds=5)

    assert caught.value.choices == (4, 8, 12)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_refused_before_anything_is_sent(kind: str) -> None:
    with KINDS[kind]("openrouter", api_key="k", base_url=NOWHERE) as one:
        for refused in (
            lambda: one.delete("j"),
            lambda: list(one.list()),
            lambda: one.remix("j", "p"),
        ):
            with pytest.raises(Unsupported, match=r"openrouter.*has no '(delete|list|remix)'"):
                refused()
        with pytest.raises(Unsupported, match="no surface 'x'"):
            one.retrieve("j", surface="x")
    with (
        KINDS[kind]("litellm", api_key="k", base_url=NOWHERE) as one,
        pytest.raises(Unsupported, match="litellm"),
    ):
        one.delete("j")


def test_a_picture_goes_to_the_surface_that_needs_one() -> None:
    assert call("kling", image=URL).surface.name == "image2video"
    assert call("kling").surface.name == "text2video"
    assert call("kling", image=URL, surface="image2video").surface.name == "image2video"
    assert call("newapi", model="m", image=URL).surface.name == "videos"
    assert call("openai", image=URL).surface.name == "videos"


def test_a_picture_is_written_in_the_form_its_dialect_takes(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(PNG)
    encoded = base64.b64encode(PNG).decode()
    data_url = f"data:image/png;base64,{encoded}"

    for picture in (PNG, path, str(path), data_url):
        assert body("kling", image=picture)["image"] == encoded
        assert body("jimeng", model="m", image=picture)["binary_data_base64"] == [encoded]
        assert body("bifrost", model="m", image=picture)["input_reference"] == data_url
    assert body("jimeng", model="m", image=URL)["image_urls"] == [URL]
    assert body("openai", image=URL)["input_reference"] == {"image_url": URL}
    assert body("newapi", model="m", image=URL)["image"] == URL
    form = call("openai", image=path, seconds=4).request.body
    assert isinstance(form, Form)
    assert [name for name, _ in form.parts] == ["prompt", "seconds", "input_reference"]
    with pytest.raises(UnsupportedValue, match="it can be a file"):
        call("bifrost", model="m", image=URL, surface="openai")
    with pytest.raises(FileNotFoundError):
        call("openai", image="no such file.png")


def test_two_meanings_share_an_array() -> None:
    frames = body("openrouter", model="m", image=URL, last_image=PNG, reference_images=[URL])

    assert [frame["frame_type"] for frame in frames["frame_images"]] == [
        "first_frame",
        "last_frame",
    ]
    assert frames["frame_images"][0]["image_url"] == {"url": URL}
    assert frames["input_references"] == [{"type": "image_url", "image_url": {"url": URL}}]


def test_constant_parameters_are_sent_unasked() -> None:
    assert dict(call("jimeng", model="m").request.query) == {
        "Action": "CVSync2AsyncSubmitTask",
        "Version": "2022-08-31",
    }


def test_the_dialects_own_client_sends_constants_unasked_too() -> None:
    from vidspec_client.jimeng import _requests

    request = _requests.get_result(req_key="m", task_id="t")

    assert ("Version", "2022-08-31") in request.query


def test_what_the_dialect_calls_its_own_passes_as_it_is() -> None:
    made = client("openai")._create_call("A fox", None, {"style": "noir", "model": "m"}, {})

    assert isinstance(made.request.body, Json)
    assert json.loads(made.request.body.content) == {
        "prompt": "A fox",
        "style": "noir",
        "model": "m",
    }


def test_keys_and_addresses_come_from_the_gateways_own_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LITELLM_PROXY_API_KEY", "from-litellm")
    monkeypatch.setenv("LITELLM_PROXY_API_BASE", "http://litellm.example/v1/")
    monkeypatch.setenv("OPENAI_API_KEY", "from-openai")

    one = VideoClient("litellm")

    assert one.base_url == "http://litellm.example/v1"
    assert one._context.secrets.get("api_key") == "from-litellm"
    assert "from-litellm" not in repr(one)
    monkeypatch.delenv("LITELLM_PROXY_API_BASE")
    assert VideoClient("litellm").base_url == "http://localhost:4000/v1"
    with pytest.raises(ValueError, match="there are: bifrost, jimeng, kling, litellm"):
        VideoClient("nobody")


def test_capabilities_say_what_can_be_asked() -> None:
    can = client("kling").capabilities

    assert can.can("list")
    assert not can.can("delete")
    assert can.surfaces["text2video"].parameters["aspect_ratio"].choices == ("16:9", "9:16", "1:1")
    assert can.surfaces["image2video"].parameters["image"].forms == ("url", "base64")
    assert can.surfaces["text2video"].parameters["prompt"].required


def test_importing_is_cheap_and_loads_one_dialect_only() -> None:
    script = (
        "import sys, vidspec_client\n"
        "assert 'httpx2' not in sys.modules and 'pydantic' not in sys.modules\n"
        "vidspec_client.VideoClient('kling', api_key='k')\n"
        "loaded = {m.split('.')[1] for m in sys.modules if m.startswith('vidspec_client.')}\n"
        "assert loaded == {'_gateways', '_runtime', '_video', 'kling'}, loaded\n"
        "assert 'vidspec_client.kling.models' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
