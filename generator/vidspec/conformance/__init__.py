"""Does a gateway keep the contract? Few paid calls, many checks, honest verdicts."""

from vidspec.conformance.baseline import Entry, apply, dump_baseline, load_baseline, updated
from vidspec.conformance.checkfile import CheckFile, load_check_file
from vidspec.conformance.events import Event, read_lines, to_line
from vidspec.conformance.gate_server import listening
from vidspec.conformance.har import base_of, judge_entries, read_har
from vidspec.conformance.heading import surface_of
from vidspec.conformance.merge import merge
from vidspec.conformance.passive import Passive
from vidspec.conformance.price_list import listed
from vidspec.conformance.proxy import Proxy
from vidspec.conformance.recognise import decided, recognise
from vidspec.conformance.report import KINDS, render, show
from vidspec.conformance.run import Run
from vidspec.conformance.runner import check
from vidspec.conformance.shards import Shard
from vidspec.conformance.target import BUDGETS, MODES, Mode, Options, Target, with_environment
from vidspec.conformance.tariff import Tariff
from vidspec.conformance.verdicts import VERDICTS, Outcome, Verdict, has, requirements_for
from vidspec.contract.prices import Unpriced

__all__ = [
    "BUDGETS",
    "KINDS",
    "MODES",
    "VERDICTS",
    "CheckFile",
    "Entry",
    "Event",
    "Mode",
    "Options",
    "Outcome",
    "Passive",
    "Proxy",
    "Run",
    "Shard",
    "Target",
    "Tariff",
    "Unpriced",
    "Verdict",
    "apply",
    "base_of",
    "check",
    "decided",
    "dump_baseline",
    "has",
    "judge_entries",
    "listed",
    "listening",
    "load_baseline",
    "load_check_file",
    "merge",
    "read_har",
    "read_lines",
    "recognise",
    "render",
    "requirements_for",
    "show",
    "surface_of",
    "to_line",
    "updated",
    "with_environment",
]
