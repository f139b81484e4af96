"""The emitter ``openapi-python-client``: that generator's client of each dialect, with its known holes closed."""

from vidspec.emit.opc.package import emit_packages

__all__ = ["emit_packages"]
