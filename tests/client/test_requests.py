"""What is sent: paths, queries, bodies, signatures; and what is never shown."""

import base64
import email
import email.policy
import hashlib
import hmac
import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from vidspec.runtime.client.credentials import Secrets, authorize, resolve_secrets
from vidspec.runtime.client.dialect import CredentialInfo
from vidspec.runtime.client.encoding import fill_path, query_pairs, query_string
from vidspec.runtime.client.errors import Unsupported
from vidspec.runtime.client.files import as_file, sniff
from vidspec.runtime.client.options import OMIT, ClientOptions
from vidspec.runtime.client.requests import Form, Json, build_request
from vidspec.runtime.client.signing import Unsigned, VolcengineKey, volcengine_v4
from vidspec.runtime.client.transport import logger

from .toy import CREATE, DIALECT, GET, SECRET, VIDEO, Plain
from .wire import Seen, json_reply, serving

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JOB = json_reply(200, '{"id": "v1", "status": "queued"}')


def sent(body: dict[str, Any], **options: Any) -> Seen:
    with serving(JOB) as server, Plain(server.url) as client:
        client._call(build_request(CREATE, body=body, **options), VIDEO)
        return server.seen[0]


def parts(seen: Seen) -> list[EmailMessage]:
    head = f"content-type: {seen.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + seen.body, policy=email.policy.HTTP)
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def test_path_values_cannot_leave_their_segment() -> None:
    assert fill_path("/videos/{id}/x", {"id": "a/../b?c#é"}) == "/videos/a%2F..%2Fb%3Fc%23%C3%A9/x"
    assert fill_path("/{a}/{b}", {"a": "{b}", "b": 2}) == "/%7Bb%7D/2"
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="must not be"):
            fill_path("/videos/{id}", {"id": bad})


def test_query_values_are_written_plainly() -> None:
    pairs = query_pairs(
        {"a": True, "l": [1, "b c"], "c": ["x", "y"], "o": {"k": 1}, "n": None}, ["c"]
    )
    assert query_string(pairs) == "a=true&l=1&l=b%20c&c=x%2Cy&o%5Bk%5D=1"


def test_json_is_sent_without_what_was_left_out() -> None:
    seen = sent({"prompt": "Füchse", "seed": OMIT, "size": None})
    assert seen.headers["content-type"] == "application/json"
    assert json.loads(seen.body) == {"prompt": "Füchse", "size": None}


def test_a_file_makes_the_body_multipart(tmp_path: Path) -> None:
    path = tmp_path / 'a"b.bin'
    path.write_bytes(PNG)
    seen = sent({"image": path, "prompt": "x", "n": 2, "on": True, "o": {"id": "c"}, "l": [1, 2]})
    names = [part.get_param("name", header="content-disposition") for part in parts(seen)]
    assert names == ["prompt", "n", "on", "o[id]", "l", "l", "image"]
    values = [part.get_payload(decode=True) for part in parts(seen)]
    assert values == [b"x", b"2", b"true", b"c", b"1", b"2", PNG]
    assert parts(seen)[-1].get_content_type() == "image/png"
    assert parts(seen)[0].get_filename() is None
    assert int(seen.headers["content-length"]) == len(seen.body)


def test_every_way_to_name_a_file_works(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with path.open("rb") as opened:
        opened.read(3)
        for value in (PNG, path, opened, io.BytesIO(PNG), ("n.png", PNG), ("n", path, "image/png")):
            last = parts(sent({"image": value}))[-1]
            assert (last.get_payload(decode=True), last.get_content_type()) == (PNG, "image/png")
    with path.open() as text, pytest.raises(TypeError, match="binary"):
        sent({"image": text})


def test_the_boundary_is_never_the_same() -> None:
    first, second = sent({"image": PNG}), sent({"image": PNG})
    assert first.headers["content-type"] != second.headers["content-type"]


def test_an_upload_that_cannot_be_rewound_is_sent_once() -> None:
    class Pipe(io.RawIOBase):
        def seekable(self) -> bool:
            return False

        def readable(self) -> bool:
            return True

    assert not build_request(CREATE, body={"image": Pipe()}).rewindable
    assert build_request(CREATE, body={"image": PNG}).rewindable


def test_media_take_the_form_of_their_field() -> None:
    def json_of(body: dict[str, Any]) -> Any:
        built = build_request(CREATE, body=body).body
        assert isinstance(built, Json)
        return json.loads(built.content)

    assert json_of({"image": "https://a/b"}) == {"image": {"image_url": "https://a/b"}}
    assert json_of({"image": {"id": "f"}}) == {"image": {"id": "f"}}
    assert {"mask": base64.b64encode(PNG).decode()} == json_of({"mask": PNG})
    assert json_of({"mask": "data:image/png;base64,QUJD"}) == {"mask": "QUJD"}
    only_json = replace(CREATE, media_types=("application/json",))
    with pytest.raises(Unsupported, match="takes no files"):
        build_request(only_json, body={"other": PNG})
    with pytest.raises(Unsupported, match="null"):
        build_request(CREATE, body={"image": PNG, "size": None})


def test_multipart_can_be_asked_for() -> None:
    built = build_request(CREATE, body={"prompt": "x"}, encoding="multipart")
    assert isinstance(built.body, Form)
    assert [
        part.get_param("name", header="content-disposition")
        for part in parts(sent({"prompt": "x"}, encoding="multipart"))
    ] == ["prompt"]


def test_types_are_seen_by_first_bytes() -> None:
    assert sniff(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert sniff(b"RIFF\0\0\0\0WEBP") == "image/webp"
    assert sniff(b"GIF89a") == "image/gif"
    assert sniff(b"\0\0\0\x18ftypisom") == "video/mp4"
    assert (
        as_file(b"?").name,
        as_file(b"?").content_type,
    ) == ("upload", "application/octet-stream")


UNSIGNED = Unsigned(
    method="POST", host="h", path="/", query=(), content_type="application/json", body=b"{}"
)


def unpad(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_key_pair_signs_a_token() -> None:
    info = CredentialInfo(scheme="key", kind="hmac-jwt", settings={"lifetime": 60, "leeway": 1})
    dialect = replace(DIALECT, credentials=(info, CredentialInfo(scheme="key", kind="bearer")))
    secrets = Secrets({"access_key": "AK", "secret_key": "SK"})
    token = authorize(dialect, ("key",), secrets, lambda: UNSIGNED)["Authorization"].removeprefix(
        "Bearer "
    )
    head, claims, signature = token.split(".")
    expected = hmac.new(b"SK", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert expected == unpad(signature)
    assert json.loads(unpad(head)) == {"alg": "HS256", "typ": "JWT"}
    now, payload = datetime.now(UTC).timestamp(), json.loads(unpad(claims))
    assert (payload["iss"], payload["exp"] - payload["nbf"]) == ("AK", 61)
    assert payload["nbf"] <= now <= payload["exp"]
    ready = authorize(dialect, ("key",), Secrets({"api_key": "T"}), lambda: UNSIGNED)
    assert ready == {"Authorization": "Bearer T"}


def test_header_and_basic_credentials() -> None:
    header = CredentialInfo(scheme="key", kind="header", settings={"name": "x-api-key"})
    basic = CredentialInfo(scheme="key", kind="basic")
    secrets = Secrets({"api_key": "K", "username": "u", "password": "p"})
    both = [
        authorize(replace(DIALECT, credentials=(info,)), ("key",), secrets, lambda: UNSIGNED)
        for info in (header, basic)
    ]
    assert both == [{"x-api-key": "K"}, {"Authorization": "Basic dTpw"}]
    assert authorize(DIALECT, (), secrets, lambda: UNSIGNED) == {}


def test_the_volcengine_signature_is_that_of_the_vendors_signer() -> None:
    # Made with SignerV4.sign_only of the volcengine package 1.0.229 for these values.
    request = Unsigned(
        method="POST",
        host="visual.volcengineapi.com",
        path="/",
        query=(("Version", "2022-08-31"), ("Action", "CVSync2AsyncSubmitTask"), ("x", "a b~ü")),
        content_type="application/json",
        body=b'{"req_key":"jimeng_t2v_v30","prompt":"ein Fuchs"}',
    )
    key = VolcengineKey(
        access_key="AKLTexample", secret_key="c2VjcmV0", region="cn-north-1", service="cv"
    )
    headers = volcengine_v4(request, key, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    expected = (
        "HMAC-SHA256 Credential=AKLTexample/20260102/cn-north-1/cv/request, "
        "SignedHeaders=content-type;host;x-content-sha256;x-date, "
        "Signature=76dff03f4802d58e83e7b0ba9e6598ec6b13b6385c9aba3ecaf3d5f6bb4fa822"
    )
    assert expected == headers["Authorization"]
    assert "c2VjcmV0" not in repr(key)


def test_nothing_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger.name)
    with serving(JOB) as server, Plain(server.url, headers={"x-token": SECRET}) as client:
        client._call(build_request(GET, path={"id": "v1"}), VIDEO)
        shown = repr(client) + repr(client._context) + caplog.text
    assert "/videos/{id}" in caplog.text
    assert SECRET not in shown
    with pytest.raises(ValueError, match="api_key holds") as caught:
        resolve_secrets(DIALECT, {"api_key": "sk\nsecret"}, {})
    assert "secret" not in str(caught.value)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"TOY_API_KEY": " from-env\n"}
    assert resolve_secrets(DIALECT, {"api_key": None}, environ).get("api_key") == "from-env"
    assert resolve_secrets(DIALECT, {"api_key": "given"}, environ).get("api_key") == "given"


@pytest.mark.parametrize("url", ["", "ftp://a", "http://u:p@a", "http://a?x=1", "a.b/c"])
def test_a_base_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        ClientOptions(base_url=url)


def test_with_options_shares_connections() -> None:
    with serving(default=JOB) as server, Plain(server.url) as client:
        patient = client.with_options(timeout=1, max_retries=0)
        patient._call(build_request(GET, path={"id": "v1"}), VIDEO)
        patient.close()
        assert client._call(build_request(GET, path={"id": "v1"}), VIDEO).id == "v1"
        assert (
            patient._context.options.max_retries,
            client._context.options.max_retries,
        ) == (0, 2)
