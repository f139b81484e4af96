"""Two hands, one signature: what the check signs is what the client signs (and the client is held to the vendor's SDK)."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from vidspec.conformance.signing import Outgoing, SigningKey, signature
from vidspec.runtime.client.signing import Unsigned, VolcengineKey, volcengine_v4

NOW = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "query", "body"),
    [
        ("/", "Action=CVSync2AsyncSubmitTask&Version=2022-08-31", b'{"prompt":"rain"}'),
        ("/jimeng/", "Version=2022-08-31&Action=a%20b~c", b""),
        ("", "", "\N{SNOWMAN}".encode()),
    ],
)
def test_both_sign_alike(path: str, query: str, body: bytes) -> None:
    """The same request, key and moment give the same headers."""
    ours = signature(
        Outgoing("POST", "127.0.0.1:8000", path, query, "application/json", body),
        SigningKey("AKLTexample", "secret", "cn-north-1", "cv"),
        NOW,
    )
    theirs = volcengine_v4(
        Unsigned(
            method="POST",
            host="127.0.0.1:8000",
            path=path,
            query=tuple(parse_qsl(query)),
            content_type="application/json",
            body=body,
        ),
        VolcengineKey(
            access_key="AKLTexample", secret_key="secret", region="cn-north-1", service="cv"
        ),
        NOW,
    )

    assert {name.lower(): value for name, value in theirs.items()} == ours
