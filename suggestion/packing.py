"""A model as bytes: a signature, a short header, and bare numbers. Reading it runs no code.

    ANLIEGEN-SUGGESTION-1\\n | HMAC-SHA-256 (32 bytes) | header's length (4 bytes) | header | arrays

The signature covers everything after it together with the town and the version, with a key derived
from the installation's: bytes of another town, version or installation are refused.
The header is JSON, the arrays are little-endian numbers of known type and shape.
"""

import hashlib
import hmac
import json
import struct
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from suggestion.context import Surroundings
from suggestion.linear_model import Block, LinearModel

MAGIC = b"ANLIEGEN-SUGGESTION-1\n"
PURPOSE = b"suggestion model, version 1"
_DIGEST, _LENGTH = 32, 4
# Types of the arrays, in the order of the bytes: first these, then three for each block.
_FIRST = ("<f4", "<f4", "<f4", "<f4")
_OF_A_BLOCK = ("<u8", "<f4", "<f2")


class PayloadRefused(ValueError):
    """Bytes that are not a model of this town, version and installation."""


def pack(model: LinearModel, *, town_id: int, version: int) -> bytes:
    """The bytes of a model, signed for one town and version."""
    around = model.surroundings
    numbers = [model.bias, model.context_weights, around.middles, around.average]
    kinds = [*_FIRST, *(kind for _block in model.blocks for kind in _OF_A_BLOCK)]
    for block in model.blocks:
        numbers += [block.hashes, block.idf, block.weights]  # type: ignore[list-item]
    arrays = [np.ascontiguousarray(array, kind) for array, kind in zip(numbers, kinds, strict=True)]
    header = {
        "categories": model.categories,
        "sharpness": model.sharpness,
        "offer_from": model.offer_from,
        "sure_from": model.sure_from,
        "shapes": [array.shape for array in arrays],
    }
    written = json.dumps(header).encode()
    body = struct.pack("<I", len(written)) + written + b"".join(array.tobytes() for array in arrays)
    return MAGIC + _signature(body, town_id, version) + body


def unpack(payload: bytes, *, town_id: int, version: int) -> LinearModel:
    """Read a model. Raises PayloadRefused before anything of it is looked at."""
    start = len(MAGIC) + _DIGEST
    body = payload[start:]
    signed = payload[len(MAGIC) : start]
    genuine = hmac.compare_digest(signed, _signature(body, town_id, version))
    if not payload.startswith(MAGIC) or not genuine:
        raise PayloadRefused
    (length,) = struct.unpack_from("<I", body)
    header = json.loads(body[_LENGTH : _LENGTH + length])
    arrays = _arrays_in(memoryview(body)[_LENGTH + length :], header["shapes"])
    bias, context_weights, middles, average, *rest = arrays
    return LinearModel(
        categories=tuple(header["categories"]),
        blocks=tuple(Block(*rest[at : at + 3]) for at in range(0, len(rest), 3)),
        surroundings=Surroundings(middles, average),
        context_weights=context_weights,
        bias=bias,
        sharpness=float(header["sharpness"]),
        offer_from=float(header["offer_from"]),
        sure_from=float(header["sure_from"]),
    )


def _signature(body: bytes, town_id: int, version: int) -> bytes:
    key = hmac.digest(settings.RECEIPT_KEY, PURPOSE, hashlib.sha256)
    return hmac.digest(key, f"{town_id}:{version}:".encode() + body, hashlib.sha256)


def _arrays_in(numbers: memoryview, shapes: list[list[int]]) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = []
    at = 0
    for place, shape in enumerate(shapes):
        kind = (
            _FIRST[place]
            if place < len(_FIRST)
            else _OF_A_BLOCK[(place - len(_FIRST)) % len(_OF_A_BLOCK)]
        )
        array = np.frombuffer(numbers, kind, int(np.prod(shape)), at).reshape(shape)
        at += array.nbytes
        arrays.append(array)
    return arrays
