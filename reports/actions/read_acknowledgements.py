"""Read what the electronic file answers: xdomea messages 0402 and 0403 in a folder."""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings

from efile.reading import MOST_BYTES, NotReadable, read_acknowledgement
from reports.actions.file_case import acknowledge_filing
from reports.filing import FileHandover

logger = logging.getLogger(__name__)
DONE, UNREADABLE = "erledigt", "unlesbar"
MOST_FILES = 200


def read_acknowledgements(*, now: datetime) -> int:
    """Note every answer and put its file aside (`erledigt/`, `unlesbar/`); how many moved on.

    That something was received (0403) says nothing of whether it was taken over, so it changes
    nothing.
    """
    if not settings.EFILE_ACKNOWLEDGEMENTS:
        return 0
    folder = Path(settings.EFILE_ACKNOWLEDGEMENTS)
    files = sorted(folder.glob("*.xml"))[:MOST_FILES]
    return sum(_read(file, now) for file in files)


def _read(file: Path, now: datetime) -> int:
    try:
        with file.open("rb") as opened:
            said = read_acknowledgement(opened.read(MOST_BYTES + 1))
    except NotReadable as fault:
        logger.warning("acknowledgement not readable: %s", fault)
        _aside(file, UNREADABLE)
        return 0
    rows = FileHandover.objects.filter(process_id=said.process_id)
    moved = acknowledge_filing(rows, taken=said.is_taken, by=None, now=now) if said.is_import else 0
    _aside(file, DONE)
    return moved


def _aside(file: Path, name: str) -> None:
    target = file.parent / name
    target.mkdir(exist_ok=True)
    file.replace(target / file.name)
