"""Cost of one 12-megapixel photo: ours, confined child included, beside bare Pillow.

Run: python -m bench.photos [--rounds 15] [--photo FILE.jpg]

Both make the same six derivatives (320, 800, 1600 px as WebP and JPEG) with decoding at reduced
scale, in alternation in one run. "Bare" works in this process with everything imported and warm;
"ours" pays for a new process, its confinement, the pipes and the checks of what comes back.
"""

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from PIL import Image, ImageOps

from detection.detect import NoDetector, detect
from detection.registry import PLUGINS
from reports import photos, sandbox


class Cost(NamedTuple):
    """CPU of this process and its children, and wall clock, in milliseconds."""

    cpu: float
    wall: float


def main() -> None:
    """Print CPU and wall clock per photo, the spread, and the ratio."""
    options = _options()
    if not settings.configured:
        settings.configure(HEIC=False, DETECTORS=list(PLUGINS))
    original = options.photo.read_bytes() if options.photo else composed_photo()
    facts = photos.inspect(io.BytesIO(original))
    megapixels, megabytes = facts.width * facts.height / 1e6, facts.byte_size / 1e6
    print(f"{facts.format} {facts.width} x {facts.height}: {megapixels:.1f} MP, {megabytes:.2f} MB")

    contenders: dict[str, Callable[[], float]] = {
        "header check and hash in the web process": partial(_inspect, original),
        "bare Pillow, same derivatives": partial(_bare, original),
        "ours, in the confined child": partial(_ours, original),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _round in range(options.rounds + 1):
        for name, work in contenders.items():
            costs[name].append(_cost_of(work))
    for name, measured in costs.items():
        _report(name, measured[1:])  # the first round warms up

    _web, bare, ours = (_median(measured[1:]) for measured in costs.values())
    print(f"CPU ratio ours / bare: {ours.cpu / bare.cpu:.2f} (aim: at most 1.20)")
    print(f"wall ratio ours / bare: {ours.wall / bare.wall:.2f}")
    peak = sandbox.derive(original).effort.peak_bytes / 1e6
    print(f"child at its largest: {peak:.0f} MB resident")
    _print_detection(original)


def _print_detection(original: bytes) -> None:
    """The search for faces and plates is work of its own; its time is no part of the ratio."""
    copy = next(
        file.data for file in sandbox.derive(original, sizes=(1600,)).files if file.format == "JPEG"
    )
    try:
        searches = [detect(copy).cpu_seconds for _round in range(3)]
    except NoDetector:
        print("no detector is installed here")
        return
    print(f"search for faces and plates, apart: CPU {statistics.median(searches) * 1000:.0f} ms")


def bare_derivatives(original: bytes) -> list[bytes]:
    """What one would write without caring for safety: open, draft, turn, shrink, save."""
    image: Image.Image = Image.open(io.BytesIO(original))
    longest = max(photos.SIZES)
    factor = longest / max(image.size)
    image.draft("RGB", (round(image.width * factor), round(image.height * factor)))
    image = ImageOps.exif_transpose(image).convert("RGB")
    files = []
    for size in sorted(photos.SIZES, reverse=True):
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        for image_format, choices in (
            ("WEBP", {"quality": 80, "method": 4}),
            ("JPEG", {"quality": 82, "optimize": True}),
        ):
            file = io.BytesIO()
            image.save(file, image_format, **choices)
            files.append(file.getvalue())
    return files


def composed_photo(width: int = 4000, height: int = 3000) -> bytes:
    """Noise in several octaves, which compresses about like a street scene: 3 to 4 MB."""
    random = np.random.default_rng(1)
    light = np.full((height, width, 3), 128, np.float32)
    for across, strength in ((8, 60), (32, 45), (128, 30), (512, 16), (2000, 9)):
        coarse = random.normal(0, strength, (max(2, height * across // width), across, 3))
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel].astype(np.float32))
            light[..., channel] += np.asarray(
                layer.resize((width, height), Image.Resampling.BICUBIC)
            )
    file = io.BytesIO()
    Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=92)
    return file.getvalue()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--photo", type=Path)
    return parser.parse_args()


def _inspect(original: bytes) -> float:
    photos.inspect(io.BytesIO(original))
    return 0


def _bare(original: bytes) -> float:
    bare_derivatives(original)
    return 0


def _ours(original: bytes) -> float:
    return sandbox.derive(original).effort.cpu_seconds


def _cost_of(work: Callable[[], float]) -> Cost:
    """Cost of `work`, which returns the CPU seconds spent by other processes for it."""
    cpu, wall = time.process_time(), time.perf_counter()
    elsewhere = work()
    spent = time.process_time() - cpu + elsewhere
    return Cost(spent * 1000, (time.perf_counter() - wall) * 1000)


def _median(measured: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu for cost in measured),
        statistics.median(cost.wall for cost in measured),
    )


def _report(name: str, measured: list[Cost]) -> None:
    middle = _median(measured)
    fastest, slowest = (pick(cost.cpu for cost in measured) for pick in (min, max))
    print(
        f"{name}: CPU {middle.cpu:.0f} ms ({fastest:.0f} to {slowest:.0f}), "
        f"wall {middle.wall:.0f} ms"
    )


if __name__ == "__main__":
    main()
