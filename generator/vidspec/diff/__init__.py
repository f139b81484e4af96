"""What has changed between two OpenAPI documents (or folders of them), and whom it breaks."""

from vidspec.diff.adopt import Adoption, adopt
from vidspec.diff.compare import compare
from vidspec.diff.finding import KINDS, Diff, Finding
from vidspec.diff.kinds import Kind, Severity
from vidspec.diff.opening import Side, open_side
from vidspec.diff.render import FORMATS, render
from vidspec.diff.renew import renew_draft
from vidspec.diff.settle import settle

__all__ = [
    "FORMATS",
    "KINDS",
    "Adoption",
    "Diff",
    "Finding",
    "Kind",
    "Severity",
    "Side",
    "adopt",
    "compare",
    "open_side",
    "render",
    "renew_draft",
    "settle",
]
