"""Emission: typed clients and server stubs as a tree of files, from what the specification means."""

from vidspec.emit.changes import changed_lines
from vidspec.emit.folder import compare_folder, write_folder
from vidspec.emit.incremental import regenerate
from vidspec.emit.inputs import Inputs, remember
from vidspec.emit.pipeline import emit
from vidspec.emit.registry import DEFAULT, Emitter, emitter_names, find_emitter
from vidspec.emit.settings import Settings
from vidspec.emit.tree import Drift, FileTree, compare_tree, read_tree, write_tree

__all__ = [
    "DEFAULT",
    "Drift",
    "Emitter",
    "FileTree",
    "Inputs",
    "Settings",
    "changed_lines",
    "compare_folder",
    "compare_tree",
    "emit",
    "emitter_names",
    "find_emitter",
    "read_tree",
    "regenerate",
    "remember",
    "write_folder",
    "write_tree",
]
