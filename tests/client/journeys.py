"""The programs of docs/journeys.md."""

import re
from pathlib import Path

from vidspec.contract import Gateway

PAGE = Path(__file__).parents[2] / "docs" / "journeys.md"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def journeys() -> dict[str, str]:
    """Return the one program under each heading."""
    found = {}
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        [program] = re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
        found[section.partition("\n")[0]] = program
    return found


def environment(gateway: Gateway, base_url: str, key: str = "any") -> dict[str, str]:
    """Return what the environment must say for the gateway to be found."""
    return {
        variable: base_url if purpose == "base_url" else key
        for purpose, variable in gateway.environment.items()
    }
