"""How hard the fuzz tests try: the same few examples in every test run, many new ones in ``nox -s fuzz``."""

import os

from hypothesis import HealthCheck, settings

from vidspec.errors import SpecError, VidspecError

#: How many times the usual number of examples to try; 0 (the default) is the fixed, small number.
_FACTOR = int(os.environ.get("VIDSPEC_FUZZ", "0"))


def examples(count: int) -> settings:
    """Return settings for about ``count`` examples, the same in each run unless the fuzz session asks for more."""
    return settings(
        max_examples=count * max(_FACTOR, 1),
        derandomize=_FACTOR == 0,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def refused_in_words(error: VidspecError) -> None:
    """Hold that a refusal says something, at places that exist, without what a terminal would obey."""
    assert error.render()
    for problem in error.problems if isinstance(error, SpecError) else ():
        assert problem.rule
        assert problem.location is None or problem.location.line >= 1
        shown = problem.render().replace(problem.message, "")
        assert all(c.isprintable() or c == "\n" for c in shown)
