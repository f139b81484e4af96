"""Trials on several processors."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache

from mutation.trial import Mutant, Trial, attempt
from vidspec.contract import Contract, load_contract


def trials(chosen: Sequence[Mutant], workers: int) -> Iterator[Trial]:
    """Yield what becomes of each mutant, in the order they end."""
    # Fresh processes: a forked one would inherit threads of servers that are not there.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for done in as_completed([pool.submit(_attempt, mutant) for mutant in chosen]):
            yield done.result()


@cache
def contract() -> Contract:
    """Read the project's own specification, once in each process."""
    return load_contract()


def _attempt(mutant: Mutant) -> Trial:
    return attempt(contract(), mutant)
