"""Codes that are computed instead of stored: receipt secrets and confirmation tokens.

A code is an HMAC over a purpose, an id and a version with a server key. It can be repeated to the
same person and put into a mail at sending time, yet no table holds it; raising the version
revokes it. The alphabet leaves out 0/O and 1/I so that a code can be dictated on the telephone.
"""

import hashlib
import hmac

from django.conf import settings

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
GROUPS, GROUP_LENGTH = 5, 5  # 25 letters of 5 bits: 125 bits, beyond guessing


def derive(purpose: str, subject_id: int, version: int = 1) -> str:
    """Return the code for a purpose ("receipt", "confirm"…), e.g. `7KQ2M-…` (5 groups of 5)."""
    message = f"{purpose}:{subject_id}:{version}".encode()
    digest = hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    letters = []
    for _ in range(GROUPS * GROUP_LENGTH):
        bits, index = divmod(bits, len(ALPHABET))
        letters.append(ALPHABET[index])
    code = "".join(letters)
    return "-".join(code[at : at + GROUP_LENGTH] for at in range(0, len(code), GROUP_LENGTH))


def matches(given: str, purpose: str, subject_id: int, version: int = 1) -> bool:
    """Compare a typed code in constant time; case, blanks and dashes do not matter."""
    return hmac.compare_digest(normalise(given), normalise(derive(purpose, subject_id, version)))


def normalise(code: str) -> bytes:
    """Upper case without blanks and dashes, as bytes for comparing."""
    kept = code.upper().replace("-", "").replace(" ", "")
    return kept.encode("utf-8", "replace")
