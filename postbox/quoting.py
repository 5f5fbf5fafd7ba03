"""What somebody wrote themselves in a reply, without what it quotes and without a signature."""

import re

_QUOTED = re.compile(r"^\s*>")
# How mail programs introduce what they quote, in German and English.
_INTRODUCTION = re.compile(
    r"^\s*(?:Am .{3,120} schrieb.{0,120}:?|On .{3,120} wrote:?"
    r"|-{2,}\s*(?:Urspr[üu]ngliche Nachricht|Original Message|Weitergeleitete Nachricht).*"
    r"|_{10,}|Von: .+|From: .+@.+)\s*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^-- ?$")  # RFC 3676, 4.3


def own_words(text: str) -> str:
    """The text up to what it quotes; all of it where nothing would be left."""
    kept = []
    for line in text.split("\n"):
        if _INTRODUCTION.match(line) or _SIGNATURE.match(line):
            break
        if not _QUOTED.match(line):
            kept.append(line)
    words = "\n".join(kept).strip()
    return words or text.strip()
