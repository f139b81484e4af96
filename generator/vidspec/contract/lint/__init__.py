"""Our own rules for a dialect document, beyond OpenAPI's.

Each rule is a generator over problems; all of them run, so that one call tells everything.
"""

from vidspec.contract.lint.examples import example_rules
from vidspec.contract.lint.jobs import job_rules
from vidspec.contract.lint.links import link_rules
from vidspec.contract.lint.operations import operation_rules
from vidspec.contract.lint.replies import reply_rules
from vidspec.contract.model import Dialect
from vidspec.contract.schemas import Validators
from vidspec.document import Document
from vidspec.source import Problem

__all__ = ["lint_dialect"]


def lint_dialect(dialect: Dialect, document: Document) -> list[Problem]:
    """Return every breach of our rules, in the order of the source text."""
    validators = Validators(dialect.document)
    problems = [
        *operation_rules(dialect, document),
        *job_rules(dialect, document),
        *reply_rules(dialect, document, validators),
        *example_rules(dialect, document, validators),
        *link_rules(dialect, document),
    ]
    unique = {(p.rule, str(p.location), p.message): p for p in problems}
    return sorted(
        unique.values(),
        key=lambda p: (
            (p.location.file, p.location.line, p.location.column) if p.location else ("", 0, 0)
        ),
    )
