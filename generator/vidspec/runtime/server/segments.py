"""A route whose path values may hold an encoded slash: ids such as ``job%2F7`` are one segment."""

from urllib.parse import quote, unquote

from starlette.routing import Match, Route
from starlette.types import Scope

#: Stands for an encoded slash while Starlette, which sees decoded paths only, splits into segments.
STAND_IN = "\ue02f"
_ENCODED = quote(STAND_IN).encode()


def segmented_path(scope: Scope) -> str:
    """Return the decoded path of a request, in which a stand-in keeps each encoded slash inside its segment."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2" not in raw or b"%2f" not in raw.lower():
        return str(scope["path"])
    kept = raw.replace(b"%2F", _ENCODED).replace(b"%2f", _ENCODED)
    return unquote(kept.decode("latin-1"))


class SegmentRoute(Route):
    """Matches the path as it was sent: ``%2F`` belongs to the value, ``/`` ends it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match with encoded slashes kept inside their segments."""
        if scope["type"] != "http":
            return super().matches(scope)
        match, child = super().matches({**scope, "path": segmented_path(scope)})
        if "path_params" in child:
            child["path_params"] = {
                name: value.replace(STAND_IN, "/") if isinstance(value, str) else value
                for name, value in child["path_params"].items()
            }
        return match, child
