"""Why a scenario may end early; each leads to its own verdict for what was not judged yet."""

from typing import ClassVar

from vidspec.conformance.events import Finding
from vidspec.conformance.verdicts import Verdict


class Stop(Exception):  # noqa: N818 - these are reasons, not errors
    """A scenario cannot go on."""

    verdict: ClassVar[Verdict]


class Missing(Stop):
    """What the scenario works with is not there."""

    verdict = "untestable"


class BudgetSpent(Stop):
    """The gate lets no more paid calls through."""

    verdict = "not_reached"


class OutOfTime(Stop):
    """The time of the run is over."""

    verdict = "not_reached"


class Unsupported(Stop):
    """The gateway says properly that it does not offer the operation."""

    verdict = "unsupported"


class SwitchedOff(Stop):
    """The mode or the caller leaves this out."""

    verdict = "disabled"


class NoReply(Stop):
    """The network failed between us and the gateway."""

    verdict = "error"


class GatewayGone(Exception):  # noqa: N818 - the end of the run, not an error of ours
    """Not even the first free question is answered any more: nothing else can be measured."""


class WrongModel(Exception):  # noqa: N818 - a finding, not an error
    """The gateway does not have the model: nothing else can be measured."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding
