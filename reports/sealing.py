"""Seal original photos so that disk, backup or object storage alone reveal nothing.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce for each seal. A sealed file reads:

    magic and version (4 bytes) | length of key id (1) | key id | nonce (12) | ciphertext | tag (16)

Header and context are authenticated too: a file moved to another context does not open.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_MAGIC = b"ASL\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealBroken(Exception):
    """The content is not what was sealed in this context, or its key is no longer there."""


def seal(data: bytes, *, context: str) -> bytes:
    """Encrypt under the current key: the first of settings.SEAL_KEYS.

    `context` names what the data belongs to, the same string opens it again. A key serves some four
    thousand million seals before its random nonces wear out.
    """
    key_id, key = next(iter(_keys().items()))
    header = _MAGIC + len(key_id).to_bytes(1, "big") + key_id
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, data, header + context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """Return what was sealed in this context. Raises SealBroken."""
    header, key_id = _read_header(sealed)
    key = _keys().get(key_id)
    if key is None:
        raise SealBroken("sealed with a key that is not configured")
    body = len(header) + _NONCE_BYTES
    try:
        return AESGCM(key).decrypt(
            sealed[len(header) : body], sealed[body:], header + context.encode()
        )
    except (InvalidTag, ValueError):
        raise SealBroken("content or context changed") from None


def looks_sealed(data: bytes) -> bool:
    """Whether the bytes begin as a seal does."""
    return data.startswith(_MAGIC)


def _read_header(sealed: bytes) -> tuple[bytes, bytes]:
    if sealed[: len(_MAGIC)] != _MAGIC or len(sealed) <= len(_MAGIC):
        raise SealBroken("not a sealed file")
    start = len(_MAGIC) + 1
    end = start + sealed[len(_MAGIC)]
    return sealed[:end], sealed[start:end]


def _keys() -> dict[bytes, bytes]:
    configured: Mapping[str, bytes] = settings.SEAL_KEYS
    keys = {key_id.encode(): key for key_id, key in configured.items()}
    if not keys:
        raise ImproperlyConfigured("SEAL_KEYS is empty: original photos cannot be sealed")
    if any(len(key) != _KEY_BYTES or not 0 < len(key_id) < 256 for key_id, key in keys.items()):
        raise ImproperlyConfigured("SEAL_KEYS must map short names to 32 bytes each")
    return keys
