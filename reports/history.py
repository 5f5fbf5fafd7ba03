"""Writes the timeline. Free text goes into an erasable remark; the entry keeps a salted hash."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from reports.actors import Actor
from reports.models import Remark, Report, TimelineEntry


def record(
    report: Report,
    kind: str,
    *,
    by: Actor,
    public: bool = False,
    remark: Remark | None = None,
    at: datetime | None = None,
    **data: Any,
) -> TimelineEntry:
    """Append one entry inside the caller's transaction.

    `kind` is one of timeline_kinds.KINDS; `data` holds codes and numbers only, never a person's
    words. Callers hold the row lock of the report, so entries cannot overtake each other.
    """
    made = entry(report, kind, by=by, public=public, remark=remark, at=at, **data)
    made.save(force_insert=True)
    return made


def entry(
    report: Report,
    kind: str,
    *,
    by: Actor,
    public: bool = False,
    remark: Remark | None = None,
    at: datetime | None = None,
    **data: Any,
) -> TimelineEntry:
    """The entry `record` would append, not yet written."""
    extra = {} if at is None else {"at": at}
    return TimelineEntry(
        report=report,
        kind=kind,
        actor_kind=by.kind,
        actor=by.user,
        is_public=public,
        data=data,
        remark_id=remark.pk if remark else None,
        remark_hash=hash_of(remark) if remark else "",
        **extra,
    )


def write_remark(report: Report, kind: Remark.Kind, body: str) -> Remark:
    """Keep free text in its erasable table, with a fresh salt for its hash."""
    return Remark.objects.create(
        report=report, kind=kind, body=body.strip(), salt=secrets.token_hex(16)
    )


def hash_of(remark: Remark) -> str:
    """SHA-256 over salt and text; once the remark is erased the hash tells nothing."""
    return hashlib.sha256(f"{remark.salt}\x1f{remark.body}".encode()).hexdigest()
