"""The configuration that schemathesis runs with: what each mode sends, and what it may not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vidspec.conformance.target import Mode
from vidspec.contract import Dialect

#: Mode → examples per operation in the phase that generates freely.
_EXAMPLES: Final[dict[Mode, int]] = {"standard": 15, "deep": 60}

#: Answers that ordinary gateways give to valid requests: moderation, quota, a job that is not ready.
_ANSWERS_TO_VALID: Final = [
    "2xx",
    "3xx",
    "400",
    "401",
    "402",
    "403",
    "404",
    "409",
    "413",
    "422",
    "429",
    "5xx",
]


@dataclass(frozen=True, slots=True)
class Settings:
    """One run of schemathesis over a dialect."""

    dialect: Dialect
    mode: Mode
    seed: int
    #: Seconds that one request may take.
    timeout: float
    #: Ids of living jobs.
    jobs: Sequence[str]
    hooks: str
    #: The only family of jobs that is judged; None: every operation is.
    surface: str | None = None

    def toml(self) -> str:
        """Return the text of ``schemathesis.toml``."""
        deep = self.mode == "deep"
        lines = [
            f"hooks = {_toml(self.hooks)}",
            f"seed = {self.seed}",
            "workers = 1",
            f"request-timeout = {self.timeout}",
            "max-redirects = 0",
            "continue-on-failure = true",
            'suppress-health-check = ["all"]',
        ]
        lines += _table("cache", {"enabled": False})
        lines += _table("warnings", {"enabled": False})
        lines += _table(
            "generation",
            {
                "max-examples": _EXAMPLES[self.mode],
                "codec": "ascii",
                "allow-x00": False,
                "database": "none",
                # What a gateway does with parameters that nobody documented is its own affair.
                "allow-extra-parameters": False,
            },
        )
        # Values seen in replies would turn a negative request into a valid, paid one.
        pools = {} if deep else {"extra-data-sources": {"responses": False}}
        lines += _table("phases.coverage", {"unexpected-methods": [], **pools})
        lines += _table("phases.fuzzing", pools) if pools else []
        lines += _table("phases.stateful", {"enabled": deep})
        lines += self._pool()
        lines += self._checks()
        lines += self._elsewhere()
        lines += [] if deep else self._operations()
        return "\n".join(lines) + "\n"

    def _pool(self) -> list[str]:
        names = {
            parameter.name
            for operation in self.dialect.operations
            if (parameter := operation.parameter("job_id")) is not None
        }
        if not self.jobs or not names:
            return []
        binding = {"dictionary": "jobs", "probability": 0.7}
        return [
            *_table("dictionaries.jobs", {"values": list(self.jobs)}),
            *_table("parameters", {f"path.{name}": binding for name in sorted(names)}),
        ]

    def _checks(self) -> list[str]:
        # Judged by the scenarios, where the reasons are known; here they cry wolf on ordinary gateways.
        ours = [
            "unsupported_method",
            "allow_header_conformance",
            "missing_required_header",
            "ignored_auth",
        ]
        lines = []
        for name in ours:
            lines += _table(f"checks.{name}", {"enabled": False})
        return lines + _table(
            "checks.positive_data_acceptance", {"expected-statuses": _ANSWERS_TO_VALID}
        )

    def _elsewhere(self) -> list[str]:
        """Leave out what belongs to other surfaces than the one that was asked for."""
        surfaces: dict[str, set[str]] = {}
        for operation in self.dialect.operations:
            surfaces.setdefault(operation.path, set()).add(operation.surface)
        lines: list[str] = []
        for path, names in surfaces.items():
            if self.surface is not None and self.surface not in names:
                lines += ["", "[[operations]]", *_pairs({"include-path": path, "enabled": False})]
        return lines

    def _operations(self) -> list[str]:
        """Paid and deleting operations get requests that must be refused, and no others."""
        lines: list[str] = []
        for operation in self.dialect.operations:
            if not operation.paid and operation.role not in {"delete", "cancel"}:
                continue
            settings = {
                "include-operation-id": operation.id,
                "generation": {"mode": "negative"},
                "phases": {
                    "examples": {"enabled": False},
                    "coverage": {"enabled": operation.paid},
                },
            }
            lines += ["", "[[operations]]", *_pairs(settings)]
        return lines


def _table(name: str, values: dict[str, Any]) -> list[str]:
    return ["", f"[{name}]", *_pairs(values)]


def _pairs(values: dict[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_toml(value)}" for name, value in values.items()]


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else json.dumps(name)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # Strings, numbers and booleans are written alike in JSON and TOML.
    return json.dumps(value)
