"""Logs without secrets: for those of this package, and for those of the HTTP library, which show addresses and headers."""

import logging
import re

_STRUCK = "***"
# Pattern and what stands instead; ``re`` keeps them compiled once they are used.
_SECRETS = (
    # A query may sign an address, and a user name may be a key.
    (r"""(https?://[^\s?#'"]+)\?[^\s'"]+""", rf"\1?{_STRUCK}"),
    (r"""(https?://)[^\s/?#'"]+@""", rf"\1{_STRUCK}@"),
    # Headers, as names and values stand in logs and in reprs of pairs.
    (
        r"""(?i)((?:authorization|cookie|api-?key|token|secret|signature|credential)['"]?\s*[:=,]\s*(?:b?['"])?)[^'"\r\n&]+""",
        rf"\1{_STRUCK}",
    ),
    (r"(?i)\b(bearer|basic)\s+[\w.~+/=:-]+", rf"\1 {_STRUCK}"),
    (r"\bsk-[\w-]{6,}", _STRUCK),
)


class RedactingFilter(logging.Filter):
    """Strikes keys, signatures and the queries of addresses out of log records.

    ``vidspec_client`` has it. Put it on the handlers that also show what ``httpx2`` and ``httpcore2`` log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Strike secrets out of the message; the record always passes."""
        said = record.getMessage()
        kept = redacted(said)
        if kept != said:
            record.msg, record.args = kept, ()
        return True


def redacted(text: str) -> str:
    """Return ``text`` with ``***`` in the places of secrets."""
    for pattern, instead in _SECRETS:
        text = re.sub(pattern, instead, text)
    return text
