"""What a store holds beside jobs, and what it hands out of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from vidspec.mock.characters import Character
from vidspec.mock.job import Job
from vidspec.mock.keeping import Key
from vidspec.mock.outbox import Telling


@dataclass(frozen=True, slots=True)
class Page:
    """Some items of a list: whether more follow, and how many there are in all."""

    items: list[Job]
    has_more: bool
    total: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a store held at one moment."""

    jobs: list[Job]
    characters: Mapping[Key, Character]
    paid_calls: int
    tellings: Mapping[Key, Telling]
