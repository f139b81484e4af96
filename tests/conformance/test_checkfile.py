from pathlib import Path

import pytest

from vidspec.conformance import CheckFile, load_check_file
from vidspec.errors import UsageError

FULL = """
target = "https://gateway.test/v1"
dialect = "openai"
mode = "smoke"
budget = 2
api-key = "$GATEWAY_KEY"
skip = ["list-"]
max-time = 60
price = 0.4
max-cost = 1
baseline = "known.yaml"
report = ["out/report.html"]

[headers]
X-Tenant = "acme"
X-Api-Key = "k ${TENANT_KEY}"
"""


def load(tmp_path: Path, text: str, **environment: str) -> CheckFile:
    path = tmp_path / "vidspec-check.toml"
    path.write_text(text)
    return load_check_file(path, environment)


def test_a_file_holds_a_whole_check(tmp_path: Path) -> None:
    read = load(tmp_path, FULL, GATEWAY_KEY="sk-gateway-1", TENANT_KEY="tenant-key-2")

    assert (read.target, read.mode, read.budget) == ("https://gateway.test/v1", "smoke", 2)
    assert (read.api_key, read.headers["X-Api-Key"]) == ("sk-gateway-1", "k tenant-key-2")
    assert read.baseline == tmp_path / "known.yaml"
    assert read.report == (Path("out/report.html"),)
    assert (read.price, read.max_cost, read.skip) == (0.4, 1.0, ("list-",))
    assert "sk-gateway-1" not in repr(read)
    assert "tenant-key-2" not in repr(read)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\nmodle = "x"', r"toml:2: unknown key 'modle' \(there are: target"),
        ('\n\n[header]\nx = "y"', "toml:3: unknown key 'header'"),
        ('api-key = "sk-clear"', "toml:1: 'api-key' must name an environment variable"),
        ('[headers]\nAuthorization = "Bearer x"', "toml:2: header 'Authorization' must name"),
        ('api-key = "$NOT_SET"', "the environment variable NOT_SET, which is not set"),
        ('mode = "fast"', "'mode' must be one of free, smoke"),
        ("budget = -1", "'budget' must be a whole number"),
        ("budget = true", "'budget' must be a whole number"),
        ('skip = "list-"', "'skip' must be a list"),
        ("target = ", "toml: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=complaint):
        load(tmp_path, text)


def test_every_complaint_comes_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r":1: (.|\n)*:2: "):
        load(tmp_path, "budget = -1\nspeed = 3")
