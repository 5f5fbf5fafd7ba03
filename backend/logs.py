"""Log lines as JSON, without personal data and without secrets."""

import json
import logging
import re
from datetime import UTC, datetime

# What must never reach a log, whoever formats the line: receipt secrets, mail addresses, tokens.
_SECRETS = re.compile(
    r"\b(?:[2-9A-HJ-NP-Z]{5}-){4}[2-9A-HJ-NP-Z]{5}\b"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\banl_[\w-]{20,}"
    r"|(?<=\?)\S+"
)
_EXTRA = ("lane", "row", "kind", "number", "outcome", "seconds", "worker", "status_code")


def redact(line: str) -> str:
    """Replace secrets, addresses and query strings in a line by an ellipsis."""
    return _SECRETS.sub("…", line)


class RedactingFilter(logging.Filter):
    """Renders the message early so that arguments are redacted too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, ids; a traceback redacted."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
