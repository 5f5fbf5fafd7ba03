"""The program that runs detectors over one picture: detection.detect starts it as `python -I`.

It loads libraries and models first, then gives up everything but computing (confinement.child), and
only then reads the picture:

    argument: the order (JSON: modules and makers of detectors, limits)
    in:       a JPEG until end of input
    out:      the answer (JSON)
"""

import importlib
import io
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

from confinement.child import confine, die_first, leave_network

if TYPE_CHECKING:
    from detection.proposals import Detector, Found

LONGEST = 2000  # pixels
# Libraries that compute would start threads while they are imported, and later they may not.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def main(order: str) -> NoReturn:
    """Live the whole life of the child."""
    leave_network()
    die_first()
    os.environ.update(_ONE_THREAD)
    wanted = json.loads(order)
    detectors = [_made(module, maker) for module, maker in wanted["detectors"]]
    look = _looker(detectors)
    confine(wanted["limits"])
    answer = look(sys.stdin.buffer.read())
    answer["cpu_seconds"] = time.process_time()
    sys.stdout.write(json.dumps(answer, allow_nan=False))
    sys.stdout.flush()
    os._exit(0)


def _made(module: str, maker: str) -> "Detector":
    detector: Detector = getattr(importlib.import_module(module), maker)()
    return detector


def _looker(detectors: list["Detector"]) -> Any:
    """The function that looks, with every import done: later no file can be opened."""
    import numpy  # noqa: PLC0415 - not before the number of threads is set
    from PIL import Image, JpegImagePlugin  # noqa: F401, PLC0415

    # Nobody looks for further decoders.
    Image._initialized = 2

    def look(picture: bytes) -> dict[str, Any]:
        image = Image.open(io.BytesIO(picture), formats=["JPEG"])
        if max(image.size) > LONGEST:
            raise ValueError("the picture is too large")
        pixels = numpy.asarray(image.convert("RGB"))
        proposals = [
            _fractions(found, image.size, detector.name)
            for detector in detectors
            for found in detector.find(pixels)
        ]
        return {
            "proposals": proposals,
            "detectors": [detector.name for detector in detectors],
            "kinds": sorted({kind for detector in detectors for kind in detector.kinds}),
        }

    return look


def _fractions(found: "Found", size: tuple[int, int], detector: str) -> list[Any]:
    width, height = size
    return [
        found.kind,
        found.shape,
        float(found.left) / width,
        float(found.top) / height,
        float(found.right) / width,
        float(found.bottom) / height,
        float(found.score),
        detector,
    ]
