"""From each requirement to what judges it and what proves that: nothing is untested and unexplained."""

from dataclasses import dataclass
from typing import Final

import yaml

from vidspec.conformance.observe import ALWAYS
from vidspec.conformance.run import Run
from vidspec.conformance.scenarios import registered
from vidspec.contract import Contract

#: What judges the requirements that need no scenario.
_EVERYWHERE: Final = "every exchange"


@dataclass(frozen=True, slots=True)
class Trace:
    """One requirement: who judges it, the fault that must turn it red, and what runs said of it."""

    requirement: str
    level: str
    sentence: str
    #: Dialect names, or empty for all that have what it needs.
    dialects: tuple[str, ...]
    #: Scenario, ``every exchange``, or empty where it is not tested.
    judged_by: str
    #: The fault as one line, or empty.
    fault: str
    #: Why it is not tested, or empty.
    excluded: str
    #: A verdict for each run, ``-`` where the run does not know the requirement.
    verdicts: tuple[str, ...]

    @property
    def explained(self) -> bool:
        """Whether it is judged and proven, or left out for a reason."""
        return bool(self.excluded) or bool(self.judged_by and self.fault)


def trace(contract: Contract, runs: tuple[Run, ...] = ()) -> tuple[Trace, ...]:
    """Return one entry per requirement, in the order of the specification."""
    judges = dict.fromkeys(ALWAYS, _EVERYWHERE)
    for scenario in registered():
        judges |= dict.fromkeys(scenario.judges, scenario.name)
    seen = [{o.requirement: o.verdict for o in run.outcomes} for run in runs]
    return tuple(
        Trace(
            requirement.id,
            requirement.level,
            requirement.sentence,
            requirement.dialects,
            "" if requirement.excluded else judges.get(requirement.id, ""),
            _line(requirement.fault),
            requirement.excluded or "",
            tuple(verdicts.get(requirement.id, "-") for verdicts in seen),
        )
        for requirement in contract.requirements
    )


def _line(fault: object) -> str:
    if not fault:
        return ""
    return yaml.safe_dump(fault, default_flow_style=True, width=10_000, sort_keys=False).strip()
