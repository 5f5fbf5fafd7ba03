"""A mail as values, after somebody has taken it apart and before anybody has judged it."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MailFile:
    """A file of a mail; `name` is for people only. `is_decoration` marks logos of signatures."""

    name: str
    content: bytes
    is_decoration: bool = False


@dataclass(frozen=True)
class ReceivedMail:
    """A mail, its words in storable Unicode without markup.

    `key` tells the same mail again. `reply` is the text without what it quotes. `references` are
    Message-IDs it answers, `bounced` those of ours that it says could not be delivered, `numbers`
    case numbers it names, `codes` whatever looks like a code of ours. `is_automatic` means that no
    person wrote it, `is_spam` that a filter before us thinks so, `is_cut` that not all of it could
    be taken.
    """

    key: str
    sender_email: str = ""
    sender_name: str = ""
    subject: str = ""
    body: str = ""
    reply: str = ""
    references: tuple[str, ...] = ()
    bounced: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    files: Sequence[MailFile] = field(default_factory=tuple)
    is_bounce: bool = False
    is_automatic: bool = False
    is_spam: bool = False
    is_cut: bool = False
