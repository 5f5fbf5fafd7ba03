"""What addresses and forms carry, as far as the database can be asked for it."""


def plain(text: str) -> str:
    """The text without NUL, which no column holds."""
    return text.replace("\x00", "")


def whole_number(text: str) -> int:
    """An id or a version; 0, which nothing has, for everything else."""
    return int(text) if text.isdecimal() and len(text) < 12 else 0
