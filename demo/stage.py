"""A small street or park in perspective, drawn with Pillow: the backdrop of the demo photos.

Everything stands in metres around a camera 1.6 m above the ground: x to the right, y up,
z away from the viewer. `Stage` projects such points and fills polygons, so that a subject
(see `demo.subjects`) can be placed on the same ground as the houses.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

Color = tuple[int, int, int]
Point3 = tuple[float, float, float]

SUPERSAMPLE = 2
EYE_M = 1.6
NEAREST_M = 1.2
FARTHEST_M = 160.0


@dataclass(frozen=True)
class Light:
    """The weather of one picture: colours of the sky, haze of the distance, strength of shade."""

    sky_top: Color
    sky_low: Color
    haze: Color
    tint: Color
    shade: float
    dusk: bool = False


CLEAR = Light((86, 146, 208), (206, 226, 240), (196, 214, 228), (255, 250, 238), 0.74)
BRIGHT = Light((112, 168, 216), (236, 238, 228), (214, 222, 222), (255, 246, 226), 0.72)
OVERCAST = Light((158, 170, 182), (214, 218, 220), (198, 204, 208), (240, 244, 248), 0.86)
EVENING = Light((104, 124, 170), (246, 200, 152), (214, 186, 168), (255, 230, 200), 0.7)
DUSK = Light((24, 34, 66), (120, 104, 128), (62, 66, 98), (120, 128, 172), 0.8, dusk=True)
DAYLIGHT = (CLEAR, BRIGHT, OVERCAST, EVENING)

PLASTER: tuple[Color, ...] = (
    (226, 208, 174), (214, 196, 182), (232, 224, 206), (206, 182, 152),
    (196, 204, 196), (222, 190, 160), (210, 210, 214), (190, 170, 150), (226, 214, 150),
)  # fmt: skip
ROOFS: tuple[Color, ...] = ((150, 74, 56), (128, 66, 54), (166, 88, 62), (96, 80, 76))
WOOD: Color = (142, 104, 68)
LEAVES: tuple[Color, ...] = ((66, 104, 48), (82, 120, 54), (58, 92, 52), (104, 128, 56))


def mix(first: Color, second: Color, share: float) -> Color:
    """Return the colour `share` (0 to 1) of the way from the first to the second."""
    part = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


def dim(color: Color, factor: float) -> Color:
    """Return the colour made darker (factor below 1) or lighter, kept within 0 to 255."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in color)
    return red, green, blue


class Stage:
    """One picture in the making.

    `size` in pixels, `horizon` as a share of the height, `eye_x` where the viewer stands (metres).
    """

    def __init__(
        self,
        size: tuple[int, int],
        rng: random.Random,
        light: Light,
        *,
        horizon: float = 0.4,
        eye_x: float = 0.0,
    ) -> None:
        self.size = size
        self.eye_x = eye_x
        self.rng = rng
        self.light = light
        self.width, self.height = size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE
        self.horizon = self.height * horizon
        self.focal = 0.86 * self.width
        self.center = self.width * rng.uniform(0.42, 0.58)
        self.image = Image.new("RGB", (self.width, self.height), light.sky_low)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def at(self, point: Point3) -> tuple[float, float]:
        """Return the pixel at which a point in metres is seen."""
        x, y, z = point
        depth = max(z, NEAREST_M)
        return (
            self.center + self.focal * (x - self.eye_x) / depth,
            self.horizon + self.focal * (EYE_M - y) / depth,
        )

    def scale(self, z: float) -> float:
        """Return how many pixels a metre covers at the distance z."""
        return self.focal / max(z, NEAREST_M)

    def seen(self, color: Color, z: float) -> Color:
        """Return the colour as it looks at the distance z: tinted by light, faded by haze."""
        lit = mix(color, self.light.tint, 0.06)
        if self.light.dusk:
            lit = dim(mix(color, (64, 72, 112), 0.62), 0.72)
        return mix(lit, self.light.haze, 1.0 - math.exp(-z / 110.0))

    def face(self, points: Sequence[Point3], color: Color, alpha: int = 255) -> None:
        """Fill the polygon through the points."""
        distance = sum(point[2] for point in points) / len(points)
        self.pen.polygon(
            [self.at(point) for point in points], fill=(*self.seen(color, distance), alpha)
        )

    def stroke(self, points: Sequence[Point3], color: Color, width_m: float) -> None:
        """Draw a line of the given width (metres, at the distance of its first point)."""
        z = points[0][2]
        width = max(2, round(width_m * self.scale(z)))
        pixels = [self.at(point) for point in points]
        self.pen.line(pixels, fill=self.seen(color, z), width=width, joint="curve")

    def ball(self, center: Point3, radius: tuple[float, float], color: Color, alpha: int = 255
             ) -> None:  # fmt: skip
        """Fill an upright ellipse; radius (across, up) in metres."""
        x, y = self.at(center)
        across, up = radius[0] * self.scale(center[2]), radius[1] * self.scale(center[2])
        self.pen.ellipse(
            (x - across, y - up, x + across, y + up), fill=(*self.seen(color, center[2]), alpha)
        )

    def box(self, corner: Point3, size: Point3, color: Color) -> None:
        """Draw a box from its lower near left corner; sides are shaded, hidden ones painted over.

        `size` is (width, height, depth) in metres.
        """
        x, y, z = corner
        wide, high, deep = size
        shade, far = self.light.shade, z + deep
        for side in (x, x + wide):
            self.face(
                [(side, y, z), (side, y, far), (side, y + high, far), (side, y + high, z)],
                dim(color, shade * 0.85),
            )
        top = y + high
        self.face(
            [(x, top, z), (x + wide, top, z), (x + wide, top, far), (x, top, far)],
            dim(color, 1.1),
        )
        self.face([(x, y, z), (x + wide, y, z), (x + wide, top, z), (x, top, z)], color)

    def shadow(self, center: Point3, radius: tuple[float, float], strength: int = 90) -> None:
        """Lay a soft shadow on the ground; radius (across, deep) in metres."""
        for step in range(6):
            grow = 1.0 - step * 0.13
            ring = [
                (
                    center[0] + math.cos(turn) * radius[0] * grow,
                    0.0,
                    center[2] + math.sin(turn) * radius[1] * grow,
                )
                for turn in (index * math.tau / 28 for index in range(28))
            ]
            pixels = [self.at(point) for point in ring]
            self.pen.polygon(pixels, fill=(16, 18, 30, strength // 6))

    def glow(self, point: Point3, radius_m: float, color: Color, strength: float = 0.8) -> None:
        """Let a lamp shine: light added in a circle that fades to its edge."""
        x, y = self.at(point)
        radius = max(4, round(radius_m * self.scale(point[2])))
        disc = ImageChops.invert(Image.radial_gradient("L")).resize((radius * 2, radius * 2))
        disc = disc.point(lambda value: round((max(0, value - 75) / 180) ** 2.4 * 255 * strength))
        light = Image.merge("RGB", [disc.point(_scaled(part)) for part in color])
        corner = (round(x) - radius, round(y) - radius)
        region = self.image.crop(
            (corner[0], corner[1], corner[0] + radius * 2, corner[1] + radius * 2)
        )
        self.image.paste(ImageChops.add(region, light), corner)

    def developed(self) -> Image.Image:
        """Return the finished picture in its final size, with the grain and edges of a lens."""
        picture = self.image.reduce(SUPERSAMPLE)
        picture = _textured(picture, self.horizon / self.height)
        picture = _vignetted(picture)
        if not self.light.dusk:
            picture = ImageEnhance.Brightness(picture).enhance(1.1)
        picture = ImageEnhance.Color(picture).enhance(1.08)
        grain = Image.effect_noise(self.size, 13).convert("RGB")
        grainy = ImageChops.soft_light(picture, grain)
        return Image.blend(picture, grainy, 0.55).filter(ImageFilter.GaussianBlur(0.5))


def _scaled(part: int) -> list[int]:
    return [value * part // 255 for value in range(256)]


def _textured(picture: Image.Image, horizon: float) -> Image.Image:
    """Roughen the ground: speckle that grows towards the viewer, none in the sky."""
    width, height = picture.size
    fine = Image.effect_noise((width // 2, height), 44).resize(picture.size)
    broad = Image.effect_noise((width // 24, height // 10), 60).resize(
        picture.size, Image.Resampling.BICUBIC
    )
    speckle = Image.blend(fine, broad, 0.4).convert("RGB")
    top = round(height * horizon)
    mask = Image.new("L", picture.size, 14)
    ramp = Image.linear_gradient("L").resize((width, height - top))
    mask.paste(ramp.point(lambda value: 14 + value * 92 // 255), (0, top))
    return Image.composite(ImageChops.soft_light(picture, speckle), picture, mask)


def _vignetted(picture: Image.Image) -> Image.Image:
    """Darken the corners a little, as a phone's lens does."""
    corners = Image.radial_gradient("L").resize(picture.size)
    mask = corners.point(lambda value: max(0, value - 130) * 60 // 125)
    return Image.composite(Image.new("RGB", picture.size, (10, 12, 22)), picture, mask)


# --- sky and distance -------------------------------------------------------------------------


def draw_sky(stage: Stage) -> None:
    """Fill the upper part with a graded sky, clouds and a line of hills."""
    light, height = stage.light, round(stage.horizon) + 4
    ramp = Image.linear_gradient("L").resize((stage.width, height))
    low, top = (Image.new("RGB", ramp.size, color) for color in (light.sky_low, light.sky_top))
    stage.image.paste(Image.composite(low, top, ramp), (0, 0))
    _draw_clouds(stage, height)
    _draw_hills(stage)


def _draw_clouds(stage: Stage, height: int) -> None:
    small = (stage.width // 8, max(8, height // 8))
    mask = Image.new("L", small, 0)
    pen = ImageDraw.Draw(mask)
    for _ in range(stage.rng.randint(3, 8)):
        x, y = stage.rng.uniform(0, small[0]), stage.rng.uniform(0, small[1] * 0.8)
        for _ in range(14):
            dx, dy = stage.rng.gauss(0, small[0] * 0.06), stage.rng.gauss(0, small[1] * 0.03)
            radius = stage.rng.uniform(4, 16)
            pen.ellipse(
                (x + dx - radius, y + dy - radius * 0.5, x + dx + radius, y + dy + radius * 0.5),
                fill=stage.rng.randint(60, 170),
            )
    mask = mask.filter(ImageFilter.GaussianBlur(4)).resize((stage.width, height))
    white = mix(stage.light.sky_low, (255, 255, 255), 0.15 if stage.light.dusk else 0.7)
    stage.image.paste(Image.new("RGB", mask.size, white), (0, 0), mask)


def _draw_hills(stage: Stage) -> None:
    for layer, color in enumerate(((116, 138, 128), (98, 124, 92))):
        rise, phase = stage.rng.uniform(0.03, 0.07), stage.rng.uniform(0, 6)
        line = [
            (
                x,
                stage.horizon
                - stage.height * rise * (1.2 - layer * 0.5)
                * (0.6 + 0.4 * math.sin(phase + x / stage.width * (3 + layer * 2))),
            )
            for x in range(0, stage.width + 41, 40)
        ]  # fmt: skip
        foot = stage.at((0, 0, FARTHEST_M))[1] + 2
        far = [(stage.width, foot), (0.0, foot)]
        stage.pen.polygon([*line, *far], fill=stage.seen(color, 75 - layer * 25))


# --- ground -----------------------------------------------------------------------------------


def draw_strip(stage: Stage, left: float, right: float, color: Color, steps: int = 14) -> None:
    """Pave the ground between two x positions, in steps so that the distance fades."""
    near = NEAREST_M
    for step in range(steps):
        far = NEAREST_M + (FARTHEST_M - NEAREST_M) * ((step + 1) / steps) ** 2.4
        stage.face(
            [(left, 0, near), (right, 0, near), (right, 0, far * 1.01), (left, 0, far * 1.01)],
            color,
        )
        near = far


def draw_slabs(stage: Stage, left: float, right: float, slab_m: float = 0.5) -> None:
    """Rule the joints of paving slabs onto a strip, with a few discoloured slabs."""
    columns = max(1, round((right - left) / slab_m))
    for _ in range(60):
        column, row = stage.rng.randrange(columns), stage.rng.randrange(4, 40)
        x, z = left + column * slab_m, row * slab_m
        tone = stage.rng.choice(((255, 250, 240), (30, 30, 36)))
        corners = [(x, 0, z), (x + slab_m, 0, z), (x + slab_m, 0, z + slab_m), (x, 0, z + slab_m)]
        stage.face(corners, tone, alpha=14)
    joint = (96, 94, 90)
    for row in range(3, 60):
        _joint(stage, (left, 0, row * slab_m), (right, 0, row * slab_m), joint)
    for column in range(columns + 1):
        x = left + column * slab_m
        _joint(stage, (x, 0, NEAREST_M), (x, 0, 34), joint)


def _joint(stage: Stage, start: Point3, end: Point3, color: Color) -> None:
    depth = (start[2] + end[2]) / 2
    alpha = max(18, 110 - round(depth * 4))
    stage.pen.line(
        [stage.at(start), stage.at(end)],
        fill=(*stage.seen(color, depth), alpha),
        width=max(1, round(0.012 * stage.scale(max(start[2], 2.6)))),
    )


def _draw_lane_marks(stage: Stage, x: float) -> None:
    for index in range(12):
        z = 2.0 + index * 6.0
        stage.face(
            [(x - 0.06, 0, z), (x + 0.06, 0, z), (x + 0.06, 0, z + 3), (x - 0.06, 0, z + 3)],
            (226, 226, 220),
            alpha=190,
        )


# --- houses and trees -------------------------------------------------------------------------


def draw_house(stage: Stage, side: float, near: float, length: float) -> None:
    """Build one house along the street; side is the x of its front, near and length in metres."""
    rng = stage.rng
    color, roof = rng.choice(PLASTER), rng.choice(ROOFS)
    floors = rng.choice((2, 2, 3))
    eaves = floors * 2.9 + 0.6
    back = side + math.copysign(9.0, side)
    shaded = 1.0 if side < 0 else stage.light.shade + 0.1
    far = near + length
    gable_top = eaves + rng.uniform(2.4, 3.6)
    stage.face(
        [(side, 0, near), (back, 0, near), (back, eaves, near), (side, eaves, near)],
        dim(color, 0.82),
    )
    middle = (side + back) / 2
    stage.face([(side, eaves, near), (back, eaves, near), (middle, gable_top, near)],
               dim(color, 0.86))  # fmt: skip
    stage.face([(side, 0, near), (side, 0, far), (side, eaves, far), (side, eaves, near)],
               dim(color, shaded))  # fmt: skip
    _draw_windows(stage, side, (near, far), floors)
    _draw_door(stage, side, near + length * rng.uniform(0.3, 0.6))
    edge = side - math.copysign(0.35, side)
    stage.face(
        [(edge, eaves - 0.1, near - 0.3), (edge, eaves - 0.1, far + 0.2),
         (middle, gable_top, far + 0.2), (middle, gable_top, near - 0.3)],
        dim(roof, shaded),
    )  # fmt: skip
    base = dim(color, 0.6 * shaded)
    stage.face([(side, 0, near), (side, 0, far), (side, 0.55, far), (side, 0.55, near)], base)


def _draw_windows(stage: Stage, side: float, span: tuple[float, float], floors: int) -> None:
    rng = stage.rng
    glass = (70, 84, 98) if not stage.light.dusk else (40, 48, 78)
    shutter = rng.choice(((86, 108, 84), (120, 78, 60), (96, 104, 116)))
    for floor in range(floors):
        z = span[0] + 0.9
        while z + 1.2 < span[1]:
            low = floor * 2.9 + 1.3
            lit = stage.light.dusk and rng.random() < 0.35
            pane = (255, 214, 140) if lit else mix(glass, stage.light.sky_low, rng.uniform(0, 0.4))
            _pane(stage, side, (z - 0.12, z + 1.12), (low - 0.12, low + 1.62), (240, 238, 230))
            if lit:
                _lit_pane(stage, side, (z, z + 1.0), (low, low + 1.5), pane)
            else:
                _pane(stage, side, (z, z + 1.0), (low, low + 1.5), pane)
                _pane(stage, side, (z + 1.12, z + 1.5), (low - 0.05, low + 1.55), shutter)
            z += 2.2


def _draw_door(stage: Stage, side: float, z: float) -> None:
    wood = stage.rng.choice(((98, 62, 44), (52, 74, 70), (70, 72, 84), (120, 44, 42)))
    _pane(stage, side, (z - 0.14, z + 1.24), (0.0, 2.3), (222, 216, 204))
    _pane(stage, side, (z, z + 1.1), (0.05, 2.15), wood)
    _pane(stage, side, (z + 0.2, z + 0.9), (1.3, 2.0), mix(wood, stage.light.sky_low, 0.4))


def _pane(stage: Stage, x: float, span: tuple[float, float], rise: tuple[float, float],
          color: Color) -> None:  # fmt: skip
    stage.face(
        [
            (x, rise[0], span[0]),
            (x, rise[0], span[1]),
            (x, rise[1], span[1]),
            (x, rise[1], span[0]),
        ],
        color,
    )


def _lit_pane(stage: Stage, x: float, span: tuple[float, float], rise: tuple[float, float],
              color: Color) -> None:  # fmt: skip
    corners = [
        (x, rise[0], span[0]), (x, rise[0], span[1]), (x, rise[1], span[1]), (x, rise[1], span[0]),
    ]  # fmt: skip
    stage.pen.polygon([stage.at(corner) for corner in corners], fill=color)


def draw_tree(stage: Stage, x: float, z: float, height: float = 6.5) -> None:
    """Plant a tree: a tapering trunk and a crown of many leaves, dark below and light above."""
    rng = stage.rng
    leaf, bark = rng.choice(LEAVES), (92, 76, 62)
    stage.shadow((x + 0.6, 0, z), (height * 0.32, height * 0.14), 80)
    thick = height * 0.028
    stage.face(
        [(x - thick, 0, z), (x + thick, 0, z), (x + thick * 0.5, height * 0.6, z),
         (x - thick * 0.5, height * 0.6, z)],
        bark,
    )  # fmt: skip
    stage.face(
        [(x + thick * 0.2, 0, z), (x + thick, 0, z), (x + thick * 0.5, height * 0.6, z),
         (x, height * 0.6, z)],
        dim(bark, 0.72),
    )  # fmt: skip
    draw_leaves(stage, (x, height * 0.68, z), (height * 0.3, height * 0.34), leaf)


def draw_leaves(
    stage: Stage, center: Point3, radius: tuple[float, float], leaf: Color, count: int = 320
) -> None:
    """Fill an ellipse (radius across and up, metres) with leaf clusters, lit from above left."""
    rng, (x, y, z) = stage.rng, center
    size = min(radius) * 0.26
    for layer in range(3):
        tone = 0.58 + layer * 0.24
        lift = (layer - 1) * 0.1
        for _ in range(count // 3):
            turn, reach = rng.uniform(0, math.tau), math.sqrt(rng.random()) * (1.0 - layer * 0.06)
            spot = (
                x + math.cos(turn) * reach * radius[0] - lift * radius[0],
                y + math.sin(turn) * reach * radius[1] + lift * radius[1],
                z,
            )
            grain = size * rng.uniform(0.45, 1.15)
            stage.ball(spot, (grain, grain * 0.8), dim(leaf, tone * rng.uniform(0.88, 1.14)), 225)


def draw_street_lamp(stage: Stage, x: float, z: float, *, lit: bool = False) -> None:
    """Put up a street lamp of 5 m with an arm over the road."""
    arm = -0.9 if x > 0 else 0.9
    stage.stroke([(x, 0, z), (x, 5.0, z)], (92, 98, 100), 0.1)
    stage.stroke([(x, 4.95, z), (x + arm, 5.1, z)], (92, 98, 100), 0.07)
    head = (x + arm, 5.05, z)
    stage.ball(head, (0.32, 0.1), (110, 114, 116))
    if lit:
        stage.glow(head, 3.0, (255, 220, 160), 1.0)
        stage.ball(head, (0.26, 0.07), (255, 246, 220))


# --- whole backdrops --------------------------------------------------------------------------


def draw_street(stage: Stage, *, lamps_lit: bool = True) -> None:
    """Draw a street with a carriageway to the left and a pavement to the right of the camera."""
    rng = stage.rng
    draw_sky(stage)
    stage.face([(-60, 0, 1), (60, 0, 1), (60, 0, FARTHEST_M), (-60, 0, FARTHEST_M)],
               (128, 132, 112))  # fmt: skip
    asphalt = rng.choice(((104, 104, 106), (116, 114, 112), (96, 98, 102)))
    paving = rng.choice(((170, 164, 154), (182, 176, 168), (160, 152, 146)))
    draw_strip(stage, -60, -8.6, (112, 126, 84))
    draw_strip(stage, 4.6, 60, (120, 132, 88))
    draw_strip(stage, -8.6, -5.6, paving)
    draw_strip(stage, -5.6, 0.9, asphalt)
    draw_strip(stage, 0.9, 1.1, (196, 194, 188))
    draw_strip(stage, -5.75, -5.55, (190, 188, 182))
    draw_strip(stage, 1.1, 4.6, paving)
    draw_slabs(stage, 1.1, 4.6)
    _draw_lane_marks(stage, -2.3)
    _draw_house_shade(stage)
    _draw_rows(stage, lamps_lit)


def _draw_house_shade(stage: Stage) -> None:
    """Let the houses on the right throw their shade over the pavement when the sun is out."""
    if stage.light.dusk or stage.light.shade > 0.8:
        return
    reach, z = stage.rng.uniform(-0.4, 2.6), NEAREST_M
    while z < 60:
        edge = reach + stage.rng.uniform(-0.7, 0.7)
        far = z + stage.rng.uniform(5, 10)
        corners = [(edge, 0, z), (4.7, 0, z), (4.7, 0, far), (edge, 0, far)]
        stage.pen.polygon([stage.at((x, y, deep)) for x, y, deep in corners], fill=(24, 28, 60, 62))
        z = far


def _draw_rows(stage: Stage, lamps_lit: bool) -> None:
    """Stand the houses, trees and lamps on both sides, the farthest first."""
    rng = stage.rng
    pieces: list[tuple[float, Callable[[], None]]] = []
    for side in (-8.6, 4.7):
        z = rng.uniform(4.0, 7.0) if side > 0 else rng.uniform(6.0, 9.0)
        while z < 95:
            length = rng.uniform(8, 13)
            pieces.append((z, partial(draw_house, stage, side, z, length)))
            z += length + rng.choice((0.0, 0.0, 2.5))
    for step in range(18, 80, 12):
        spot, height = (rng.choice((-7.6, 4.2)), float(step)), rng.uniform(5.0, 7.0)
        pieces.append((step, partial(draw_tree, stage, *spot, height)))
    lit = stage.light.dusk and lamps_lit
    pieces.extend(
        (step, partial(draw_street_lamp, stage, -6.2, float(step), lit=lit))
        for step in range(30, 97, 22)
    )
    for _, draw in sorted(pieces, key=lambda piece: -piece[0]):
        draw()


def draw_park(stage: Stage) -> None:
    """Draw a park: meadow, a gravel path and trees."""
    rng = stage.rng
    draw_sky(stage)
    grass = rng.choice(((104, 136, 70), (118, 142, 78), (92, 126, 66)))
    draw_strip(stage, -80, 80, grass)
    draw_strip(stage, -3.4, -1.2, (196, 180, 152))
    for row in range(70, 8, -6):
        for x in (rng.uniform(-34, -6), rng.uniform(4, 34)):
            draw_tree(stage, x, float(row), rng.uniform(6, 10))
    for _ in range(700):
        z = rng.uniform(2.4, 16)
        x = rng.uniform(-8, 9)
        if -3.5 < x < -1.1:
            continue
        blade = rng.uniform(0.03, 0.1)
        tone = dim(grass, rng.uniform(0.76, 1.2))
        stage.stroke([(x, 0, z), (x + rng.uniform(-0.04, 0.04), blade, z)], tone, 0.008)
