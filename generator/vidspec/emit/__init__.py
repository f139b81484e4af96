"""Emission: typed clients and server stubs as a tree of files, from what the specification means."""

from vidspec.emit.pipeline import emit, is_stale
from vidspec.emit.tree import Drift, FileTree, compare_tree, read_tree, write_tree

__all__ = ["Drift", "FileTree", "compare_tree", "emit", "is_stale", "read_tree", "write_tree"]
