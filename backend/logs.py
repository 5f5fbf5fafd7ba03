"""Log lines as JSON, without personal data and without secrets.

The text of an exception may quote what somebody wrote: PostgreSQL repeats whole rows, validators
repeat the value. So a trace tells types, places and codes only; what it was about is told by the
ids beside it.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

# What must never reach a log, whoever formats the line: receipt secrets, mail addresses, tokens.
_SECRETS = re.compile(
    r"\b(?:[2-9A-HJ-NP-Z]{5}-){4}[2-9A-HJ-NP-Z]{5}\b"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\banl_[\w-]{20,}"
    r"|(?<=\?)\S+"
)
_EXTRA = (
    *("lane", "row", "kind", "number", "event", "ref", "town", "version", "why", "fields"),
    *("outcome", "seconds", "worker", "status_code"),
)


def redact(line: str) -> str:
    """Replace secrets, addresses and query strings in a line by an ellipsis."""
    return _SECRETS.sub("…", line)


class RedactingFilter(logging.Filter):
    """Renders the message early, without the exception's own words, so that all is redacted."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(record.args, Mapping) and "exc" in record.args:
            # Celery tells of a failed task with the representation of its exception.
            name = type(error).__name__ if error else "an exception"
            record.args = {**record.args, "exc": name}
        message = record.getMessage()
        for words in (word for word in (repr(error), str(error)) if error and len(word) > 3):
            message = message.replace(words, type(error).__name__)
        record.msg, record.args = redact(message), None
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, ids; a trace without words."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = trace_of(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def trace_of(error: BaseException) -> list[str]:
    """Types, codes and places of an exception and those behind it, innermost frame last."""
    return [line for each in _chain(error) for line in (_headline(each), *_places(each))]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        suppressed = current.__suppress_context__
        current = current.__cause__ or (None if suppressed else current.__context__)


def _headline(error: BaseException) -> str:
    facts = [str(code) for code in (getattr(error, "errno", None),) if code is not None]
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None:
        # Names of ours, never values: DETAIL would quote the row.
        names = ("sqlstate", "constraint_name", "table_name", "column_name")
        facts += [str(value) for name in names if (value := getattr(diagnosis, name, None))]
    kind = type(error)
    return " ".join([f"{kind.__module__}.{kind.__qualname__}", *facts])


def _places(error: BaseException) -> Iterator[str]:
    trace: TracebackType | None = error.__traceback__
    for frame, line_number in traceback.walk_tb(trace):
        yield f"  {frame.f_code.co_filename}:{line_number} {frame.f_code.co_name}"
