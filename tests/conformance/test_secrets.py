import shlex
import subprocess
from pathlib import Path

import pytest

from conformance.gateway import KEY, Gateway, serving
from vidspec.conformance import KINDS, Options, Run, Target, check, render
from vidspec.conformance.exchange import (
    Redactor,
    added_headers,
    added_secrets,
    body_text,
    curl_line,
)
from vidspec.conformance.struck import STRUCK
from vidspec.contract import Contract


@pytest.fixture(scope="module")
def echoing(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """Give a run against a gateway that shows the caller's key in every answer."""
    journal = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    with serving(Gateway(habits=frozenset({"echo_key"})).app()) as origin:
        target = Target(
            f"{origin}/v1", "openai", api_key=KEY, headers={"x-tenant-token": "tenant-secret-42"}
        )
        options = Options(mode="smoke", poll_interval=0.01, job_timeout=0.1, journal=journal)
        return check(contract, target, options), journal


@pytest.mark.parametrize("kind", KINDS)
def test_no_report_holds_a_secret(echoing: tuple[Run, Path], kind: str) -> None:
    text = render(echoing[0], kind)

    assert KEY not in text
    assert "tenant-secret-42" not in text
    assert STRUCK in render(echoing[0], "jsonl")


def test_no_journal_holds_a_secret(echoing: tuple[Run, Path]) -> None:
    text = echoing[1].read_text()

    assert text
    assert KEY not in text


def test_curl_lines_carry_the_secret_as_a_variable(echoing: tuple[Run, Path]) -> None:
    lines = [e.curl for e in echoing[0].exchanges.values() if "Bearer" in e.curl]

    assert any('-H "Authorization: Bearer $OPENAI_API_KEY"' in line for line in lines)
    assert all(KEY not in line for line in lines)


def test_curl_quotes_what_a_shell_would_read() -> None:
    line = curl_line("POST", "http://h/v1?a=$(x)", {"x": "it's"}, '{"p": "`rm`"}')

    assert shlex.split(line)[-1] == '{"p": "`rm`"}'
    assert "x: it's" in shlex.split(line)
    assert "http://h/v1?a=$(x)" in shlex.split(line)


def test_a_secret_is_struck_out_in_every_encoding_and_before_the_cut() -> None:
    redactor = Redactor(['se"cret/key'])

    assert "secret" not in redactor.text(
        'se\\"cret/key se"cret/key se%22cret%2Fkey c2UiY3JldC9rZXk='
    )
    long = b"x" * 3995 + b'se"cret/key'
    assert "cret" not in body_text(long, "text/plain", redactor)


def test_headers_that_carry_credentials_lose_their_value() -> None:
    shown = Redactor().headers([("Authorization", "Bearer abc"), ("Set-Cookie", "s=1"), ("a", "b")])

    assert dict(shown) == {"Authorization": STRUCK, "Set-Cookie": STRUCK, "a": "b"}


def test_an_added_header_is_struck_out_of_texts_where_it_is_a_secret() -> None:
    words = {"custom-llm-provider": "openai", "accept": "application/json", "x-version": "2026-1"}
    keys = {"x-team-key": "abcd", "x-tenant": "8c1f9e2ab7d04455", "x-auth": "Bearer hunter2"}
    redactor = Redactor([*added_secrets({**words, **keys})], {**words, **keys})

    assert redactor.text("openai takes application/json") == "openai takes application/json"
    assert redactor.text("abcd 8c1f9e2ab7d04455 hunter2") == " ".join([STRUCK] * 3)
    shown = redactor.headers([("custom-llm-provider", "openai"), ("X-Team-Key", "abcd")])
    assert {value for _, value in shown} == {STRUCK}


def test_a_body_of_several_lines_is_one_line_that_sends_the_same() -> None:
    body = '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nit\'s \\n $x\r\n--b--\r\n'
    line = curl_line("POST", "http://h/v1", {}, body)

    assert "\n" not in line
    said = subprocess.run(
        ["bash", "-c", line.replace("curl", "printf '%s|'", 1)], capture_output=True, check=True
    )
    assert said.stdout.split(b"|")[-2] == body.encode()


def test_a_curl_line_has_the_added_headers_and_none_of_their_secrets() -> None:
    added = {"x-provider": "openai", "x-Team-key": "abcd", "x-odd": 'a"$(b)'}
    line = curl_line("GET", "http://x", {}, "", added_headers(added))

    plain, key, odd = '"x-provider: openai"', '"x-Team-key: $X_TEAM_KEY"', '"x-odd: $X_ODD"'
    assert line == f"curl -sS -i http://x -H {plain} -H {key} -H {odd}"
