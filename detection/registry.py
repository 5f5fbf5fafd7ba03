"""Which detectors there are, which are wanted (settings.DETECTORS) and which can run here.

A detector of one's own is named `package.module:Class`; see detection.proposals.Detector.
"""

from importlib.util import find_spec
from typing import NamedTuple

from django.conf import settings


class Plugin(NamedTuple):
    """Where a detector lies and which installed packages it stands on."""

    module: str
    maker: str
    needs: tuple[str, ...]


PLUGINS = {
    "centerface": Plugin("detection.centerface", "CenterFace", ("numpy", "onnxruntime")),
    "plate_cascade": Plugin("detection.plates", "PlateCascade", ("numpy", "cv2")),
    "plate_lines": Plugin("detection.plates", "PlateLines", ("numpy", "cv2")),
}


class UnknownDetector(ValueError):
    """A name in settings.DETECTORS that is neither ours nor `package.module:Class`."""


def plugin(name: str) -> Plugin:
    """The plug-in behind a name. Raises UnknownDetector."""
    if name in PLUGINS:
        return PLUGINS[name]
    module, colon, maker = name.partition(":")
    if not (colon and maker.isidentifier() and all(map(str.isidentifier, module.split(".")))):
        raise UnknownDetector(name)
    return Plugin(module, maker, (module.partition(".")[0],))


def runnable() -> list[Plugin]:
    """Those of the wanted detectors whose packages are installed, found without importing any."""
    wanted = [plugin(name) for name in settings.DETECTORS]
    return [each for each in wanted if not missing(each)]


def missing(wanted: Plugin) -> list[str]:
    """The packages a detector lacks here."""
    return [package for package in wanted.needs if find_spec(package) is None]
