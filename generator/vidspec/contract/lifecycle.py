"""Reading ``spec/lifecycle.yaml``."""

from pathlib import Path

from vidspec.contract.meta import meta_problems
from vidspec.contract.model import TERMINAL, Lifecycle
from vidspec.document import load_yaml
from vidspec.errors import SpecError
from vidspec.source import Problem, join_pointer


def load_lifecycle(path: Path) -> Lifecycle:
    """Read the states and transitions; raise SpecError with every problem found."""
    value, locate = load_yaml(path)
    problems = meta_problems("lifecycle", value, locate)
    if not problems:
        for name, state in value["states"].items():
            place = join_pointer("states", name)
            problems += [
                Problem(
                    rule="lifecycle-next",
                    message=f"'{after}' is not a state",
                    location=locate(place + "/next"),
                )
                for after in state["next"]
                if after not in value["states"]
            ]
            if bool(state.get("terminal")) != (name in TERMINAL):
                problems.append(
                    Problem(
                        rule="lifecycle-terminal",
                        message=f"'{name}' is terminal in one place and not in the other",
                        location=locate(place),
                        hint="The emitted client and the toolkit know which states end a job.",
                    )
                )
    if problems:
        raise SpecError(problems)
    return Lifecycle(
        transitions={name: tuple(state["next"]) for name, state in value["states"].items()},
        elsewhere={
            word: name
            for name, state in value["states"].items()
            for word in state.get("elsewhere", ())
        },
    )
