"""What a field of a map layer says, as a word; apart from layers.py, whose libraries are large."""

import math
from typing import Any


def word_of(value: Any) -> str:
    """A field's value as text: no blanks around it, whole numbers without point, None as empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
