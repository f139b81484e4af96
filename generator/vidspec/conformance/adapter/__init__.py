"""Generated requests: schemathesis, driven in a process of its own."""

from vidspec.conformance.adapter.drive import generated_requests

__all__ = ["generated_requests"]
