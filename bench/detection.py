"""What the detectors find and miss on composed pictures, and what a picture costs them.

Run: python -m bench.detection --faces FOLDER --scenes FOLDER [--pictures 60]

FOLDER of --faces: portraits, one face each, named like `eileen 172,60,282,205.png` with the edges
of the face (left, top, right, bottom). FOLDER of --scenes: photos without faces and plates. Both
stay outside the repository. Measured with two portraits in the public domain (NASA's astronaut of
scikit-image, the US Navy's Grace Hopper of matplotlib) and scikit-image's everyday photos.

Faces are pasted into scenes, plates are drawn (no real plate, no real typeface of plates) and bent
into the picture. So the figures tell detectors and settings apart; on a real street they will be
different, for plates worse. A mask counts as a hit if it covers 80 % of what it should cover.
"""

import argparse
import io
import random
import statistics
import string
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import django
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

django.setup()

from detection.detect import detect  # noqa: E402 - needs the settings
from detection.proposals import Kind, Proposal  # noqa: E402

SIZE = (1600, 1200)
HIT = 0.8


class Area(NamedTuple):
    """Edges in pixels of the composed picture."""

    left: float
    top: float
    right: float
    bottom: float


class Case(NamedTuple):
    """A composed picture, what was put into it, and under which difficulty it counts."""

    kind: Kind
    difficulty: str
    picture: bytes
    area: Area | None


# width in pixels, degrees, brightness
FACES = {
    "large, upright": ((120, 300), 8, 1.0),
    "small, upright": ((24, 60), 8, 1.0),
    "tiny, upright": ((10, 20), 8, 1.0),
    "tilted 20 to 45 degrees": ((60, 200), 45, 1.0),
    "lying on its side": ((60, 200), 90, 1.0),
    "dark": ((60, 200), 8, 0.25),
}
PLATES = {
    "large, level": ((220, 420), 4, 1.0),
    "medium, level": ((110, 200), 4, 1.0),
    "small, level": ((50, 100), 4, 1.0),
    "tilted 8 to 20 degrees": ((140, 300), 20, 1.0),
    "dark": ((140, 300), 4, 0.3),
}


def main() -> None:
    """Print recall by difficulty, false alarms by picture, seconds by picture."""
    options = _options()
    chance = random.Random(options.seed)
    scenes = [Image.open(file).convert("RGB") for file in sorted(options.scenes.iterdir())]
    portraits = [_portrait(file) for file in sorted(options.faces.iterdir())]
    hits: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    alarms: dict[str, list[int]] = defaultdict(list)
    seconds, cpu = [], []
    for case in _cases(chance, scenes, portraits, options.pictures):
        started = time.perf_counter()
        looked = detect(case.picture)
        seconds.append(time.perf_counter() - started)
        cpu.append(looked.cpu_seconds)
        if case.area is None:
            for name in looked.detectors:
                alarms[name].append(sum(one.detector == name for one in looked.proposals))
            continue
        for name in [*looked.detectors, "all together"]:
            of_it = [
                one
                for one in looked.proposals
                if one.kind == case.kind and name in {one.detector, "all together"}
            ]
            hits[case.kind, case.difficulty, name].append(_is_hit(case.area, of_it))
    _print(hits, alarms)
    print(
        f"a picture of {SIZE[0]} x {SIZE[1]}: {statistics.median(seconds):.2f} s wall, "
        f"{statistics.median(cpu):.2f} s CPU, at most {max(cpu):.2f} s CPU"
    )


def _print(hits: dict[tuple[str, str, str], list[bool]], alarms: dict[str, list[int]]) -> None:
    for (kind, difficulty, name), found in hits.items():
        if any(found) or name == "all together":
            share = 100 * sum(found) / len(found)
            print(f"{kind:6} {difficulty:26} {name:32} {share:4.0f} % of {len(found)}")
    for name, counts in alarms.items():
        print(
            f"false alarms without face or plate: {name}: {statistics.mean(counts):.2f} a picture"
        )


def _cases(
    chance: random.Random,
    scenes: list[Image.Image],
    portraits: list[tuple[Image.Image, Area]],
    count: int,
) -> Iterator[Case]:
    for scene in scenes:
        for _turn in range(3):
            yield Case("face", "", _jpeg(_scene(chance, [scene])), None)
    for difficulty, (widths, degrees, light) in FACES.items():
        for _turn in range(count):
            picture, area = _with_face(chance, scenes, portraits, widths, degrees)
            yield Case("face", difficulty, _jpeg(picture, light), area)
    for difficulty, (widths, degrees, light) in PLATES.items():
        for _turn in range(count):
            picture, area = _with_plate(chance, scenes, widths, degrees)
            yield Case("plate", difficulty, _jpeg(picture, light), area)


def _scene(chance: random.Random, scenes: list[Image.Image]) -> Image.Image:
    """A cut-out of a scene with a street's grey below, mirrored by chance."""
    scene = chance.choice(scenes)
    zoom = max(SIZE[0] / scene.width, SIZE[1] / scene.height) * chance.uniform(1, 1.4)
    large = scene.resize((round(scene.width * zoom), round(scene.height * zoom)))
    left = chance.randint(0, large.width - SIZE[0])
    top = chance.randint(0, large.height - SIZE[1])
    cut = large.crop((left, top, left + SIZE[0], top + SIZE[1]))
    return cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if chance.random() < 0.5 else cut


def _portrait(file: Path) -> tuple[Image.Image, Area]:
    edges = file.stem.split()[-1].split(",")
    return Image.open(file).convert("RGB"), Area(*map(float, edges))


def _with_face(
    chance: random.Random,
    scenes: list[Image.Image],
    portraits: list[tuple[Image.Image, Area]],
    widths: tuple[int, int],
    degrees: int,
) -> tuple[Image.Image, Area]:
    portrait, face = chance.choice(portraits)
    zoom = chance.uniform(*widths) / (face.right - face.left)
    person = portrait.resize((max(1, round(portrait.width * zoom)), round(portrait.height * zoom)))
    if chance.random() < 0.5:
        person = person.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        face = Area(portrait.width - face.right, face.top, portrait.width - face.left, face.bottom)
    mark = Image.new("L", person.size)
    ImageDraw.Draw(mark).ellipse([edge * zoom for edge in face], fill=255)
    return _pasted(chance, scenes, person, mark, degrees)


def _with_plate(
    chance: random.Random, scenes: list[Image.Image], widths: tuple[int, int], degrees: int
) -> tuple[Image.Image, Area]:
    wide = round(chance.uniform(*widths))
    plate = _plate(chance).resize((wide, round(wide * 110 / 520)), Image.Resampling.LANCZOS)
    rim = max(8, wide // 3)
    body = Image.new(
        "RGB",
        (plate.width + 2 * rim, plate.height + 2 * rim),
        tuple(chance.choice([20, 60, 120, 170, 225]) + chance.randint(-15, 15) for _ in range(3)),
    )
    body.paste(plate, (rim, rim))
    mark = Image.new("L", body.size)
    mark.paste(255, (rim, rim, rim + plate.width, rim + plate.height))
    return _pasted(chance, scenes, body, mark, degrees)


def _pasted(
    chance: random.Random,
    scenes: list[Image.Image],
    thing: Image.Image,
    mark: Image.Image,
    degrees: int,
) -> tuple[Image.Image, Area]:
    """The thing somewhere in a scene, turned, its marked part returned as an area."""
    least = 0 if degrees < 10 else {20: 8, 45: 20, 90: 75}[degrees]
    angle = chance.choice([-1, 1]) * chance.uniform(least, degrees)
    stencil = Image.new("L", thing.size, 255).rotate(angle, expand=True)
    turned = thing.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    scene = _scene(chance, scenes)
    left = chance.randint(0, max(0, SIZE[0] - turned.width))
    top = chance.randint(0, max(0, SIZE[1] - turned.height))
    scene.paste(turned, (left, top), stencil.filter(ImageFilter.GaussianBlur(1)))
    box = mark.rotate(angle, expand=True).getbbox()
    assert box is not None
    area = Area(box[0] + left, box[1] + top, box[2] + left, box[3] + top)
    return scene.filter(ImageFilter.GaussianBlur(chance.uniform(0.2, 0.9))), area


def _plate(chance: random.Random) -> Image.Image:
    """A drawn plate, 520 x 110: white, black rim, blue band, bold letters, two seals."""
    plate = Image.new("RGB", (520, 110), (238, 238, 232))
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((1, 1, 518, 108), 8, outline=(15, 15, 15), width=4)
    draw.rectangle((4, 4, 44, 105), fill=(20, 60, 160))
    font = ImageFont.load_default(size=88)
    district = "".join(chance.choices(string.ascii_uppercase, k=chance.choice([1, 2, 2, 3])))
    rest = "".join(chance.choices(string.ascii_uppercase, k=chance.choice([1, 2])))
    rest += " " + str(chance.randint(1, 9999 if len(district) < 3 else 999))
    draw.text((54, 8), district, fill=(10, 10, 10), font=font, stroke_width=2)
    at = 60 + draw.textlength(district, font=font)
    draw.ellipse((at, 20, at + 28, 48), fill=(200, 120, 40))
    draw.ellipse((at, 60, at + 28, 88), fill=(120, 160, 180))
    draw.text((at + 36, 8), rest, fill=(10, 10, 10), font=font, stroke_width=2)
    return plate


def _jpeg(picture: Image.Image, light: float = 1.0) -> bytes:
    file = io.BytesIO()
    ImageEnhance.Brightness(picture).enhance(light).save(file, "JPEG", quality=82)
    return file.getvalue()


def _is_hit(area: Area, proposals: list[Proposal]) -> bool:
    return any(_covered(area, proposal) >= HIT for proposal in proposals)


def _covered(area: Area, proposal: Proposal) -> float:
    width = min(area.right, proposal.right * SIZE[0]) - max(area.left, proposal.left * SIZE[0])
    height = min(area.bottom, proposal.bottom * SIZE[1]) - max(area.top, proposal.top * SIZE[1])
    whole = (area.right - area.left) * (area.bottom - area.top)
    return max(0.0, width) * max(0.0, height) / whole


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
