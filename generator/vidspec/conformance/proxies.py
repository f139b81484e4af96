"""Proxies of the environment: never on the way to this machine."""

import ipaddress
from urllib.parse import urlsplit


def direct(url: str) -> dict[str, None]:
    """Return what a client mounts so that it reaches this machine itself; nothing for any other.

    The rest of the environment (``SSL_CERT_FILE``) stays in force.
    """
    host = urlsplit(url).hostname or ""
    try:
        ours = ipaddress.ip_address(host).is_loopback
    except ValueError:
        ours = host == "localhost" or host.endswith(".localhost")
    return dict.fromkeys(("all://", "http://", "https://")) if ours else {}
