"""Emission: typed clients and server stubs as a tree of files, from what the specification means."""

from vidspec.emit.folder import compare_folder, write_folder
from vidspec.emit.pipeline import emit, is_stale
from vidspec.emit.registry import DEFAULT, Emitter, emitter_names, find_emitter
from vidspec.emit.tree import Drift, FileTree, compare_tree, read_tree, write_tree

__all__ = [
    "DEFAULT",
    "Drift",
    "Emitter",
    "FileTree",
    "compare_folder",
    "compare_tree",
    "emit",
    "emitter_names",
    "find_emitter",
    "is_stale",
    "read_tree",
    "write_folder",
    "write_tree",
]
