"""Who may control a mock: this machine, and never a page of another origin."""

import ipaddress
from collections.abc import Mapping

from starlette.types import Scope

#: Headers that must not be there twice: which of them counts would be anybody's guess.
_ONCE = (b"host", b"origin", b"sec-fetch-site", b"content-type")
_JSON = "application/json"


def refusal(scope: Scope, *, anywhere: bool, page: bool = False) -> tuple[int, str] | None:
    """Return why a request must not control the mock, as a status and a sentence; None if it may.

    ``anywhere`` lets other machines in, ``page`` says that the request is for the page's own text, which
    may be followed to from anywhere because it shows nothing by itself.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    names = [name for name, _ in scope["headers"]]
    if any(names.count(name) > 1 for name in _ONCE):
        return 400, "A header that must be there once is there twice."
    client = scope.get("client")
    if not anywhere and (client is None or not _is_loopback(client[0])):
        return 403, "Only this machine controls the mock (see --control)."
    host = headers.get(b"host", "")
    if not _is_ours(_name(host), anywhere=anywhere):
        # A name that somebody else can point here would make their page one of ours.
        return 403, f"The mock is not controlled under the name {host!r}."
    if _is_foreign(headers, f"{scope.get('scheme', 'http')}://{host}", page=page):
        return 403, "Pages of another origin do not control the mock."
    # A page may send a form to anybody unasked, but never JSON.
    is_json = headers.get(b"content-type", "").partition(";")[0].strip().lower() == _JSON
    if scope["method"] not in {"GET", "HEAD"} and not is_json:
        return 415, f"What controls the mock is sent as {_JSON}."
    return None


def _is_foreign(headers: Mapping[bytes, str], ours: str, *, page: bool) -> bool:
    """Say whether a page of another origin than ``ours`` sends the request."""
    if headers.get(b"origin", ours) != ours:
        return True
    visit = page and headers.get(b"sec-fetch-mode") == "navigate"
    return not visit and headers.get(b"sec-fetch-site", "none") not in {"same-origin", "none"}


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_ours(name: str, *, anywhere: bool) -> bool:
    """Say whether nobody else can own the name: this machine's, an address, a name without any domain."""
    if name == "localhost" or _is_loopback(name):
        return True
    if not anywhere or not name:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name
    return True


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
