"""Trees, hedges, water and park furniture of the demo photos."""

import math

from demo.ground import outline, scatter_leaves
from demo.stage import (
    LEAVES,
    WOOD,
    Color,
    Point3,
    Stage,
    dim,
    draw_leaves,
    draw_street_lamp,
    draw_tree,
    mix,
)


def draw_fallen_branch(stage: Stage) -> None:
    """A tree with a fresh wound and its branch lying across the pavement."""
    rng = stage.rng
    draw_tree(stage, 3.6, 7.5, 7.5)
    stage.ball((3.52, 2.6, 7.35), (0.16, 0.22), (214, 178, 124))
    stage.shadow((2.0, 0, 4.7), (1.7, 0.5), 110)
    _draw_limb(stage, (3.3, 0.25, 5.0), (math.pi + rng.uniform(-0.2, 0.05)), 2.6, 0.13, 4)
    stage.ball((3.34, 0.27, 4.98), (0.1, 0.12), (222, 188, 138))
    for _ in range(5):
        spot = (rng.uniform(0.4, 2.2), rng.uniform(0.15, 0.55), rng.uniform(4.3, 5.0))
        draw_leaves(stage, spot, (0.5, 0.28), rng.choice(LEAVES), 90)
    scatter_leaves(stage, (1.8, 4.2), 1.3, 60)


def _draw_limb(
    stage: Stage, start: Point3, heading: float, length: float, thick: float, depth: int
) -> None:
    """A branch that forks, lying roughly flat; heading in radians seen from above."""
    rng = stage.rng
    end = (start[0] + math.cos(heading) * length, max(0.05, start[1] + rng.uniform(-0.1, 0.16)),
           max(3.4, start[2] + math.sin(heading) * length * 0.35))  # fmt: skip
    stage.stroke([start, end], (98, 80, 62), thick)
    stage.stroke([(start[0], start[1] + thick * 0.3, start[2]), end], (140, 120, 96), thick * 0.3)
    if depth == 0:
        return
    for side in (-1, 1):
        share = rng.uniform(0.45, 0.9)
        fork = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share,
                start[2] + (end[2] - start[2]) * share)  # fmt: skip
        _draw_limb(stage, fork, heading + side * rng.uniform(0.3, 0.8), length * 0.55,
                   thick * 0.55, depth - 1)  # fmt: skip


def draw_bench(stage: Stage) -> None:
    """A park bench of wooden slats, one broken and one missing."""
    rng = stage.rng
    x, z = rng.uniform(0.2, 0.6), rng.uniform(4.4, 4.9)
    stage.shadow((x + 0.9, 0, z + 0.2), (1.2, 0.45), 120)
    for foot in (x + 0.15, x + 1.6):
        stage.box((foot, 0, z + 0.5), (0.09, 0.95, 0.08), (74, 80, 82))
        stage.box((foot, 0, z), (0.09, 0.44, 0.08), (74, 80, 82))
    for row in range(3):
        level = 0.56 + row * 0.15
        if row == 1:
            _draw_broken_slat(stage, x, level, z + 0.47)
            continue
        stage.box((x, level, z + 0.47), (1.85, 0.1, 0.04), dim(WOOD, rng.uniform(0.92, 1.08)))
    for row in range(4):
        if row == 2:
            continue
        depth = z + 0.42 - row * 0.14
        stage.box((x, 0.44, depth), (1.85, 0.045, 0.11), dim(WOOD, rng.uniform(0.95, 1.12)))
    stage.box((x + 0.7, 0, z - 0.5), (1.0, 0.04, 0.1), dim(WOOD, 0.9))


def _draw_broken_slat(stage: Stage, x: float, level: float, z: float) -> None:
    stage.box((x, level, z), (0.7, 0.1, 0.04), WOOD)
    for tip in range(4):
        y = level + tip * 0.025
        stage.stroke([(x + 0.7, y, z), (x + 0.76 + (tip % 2) * 0.06, y + 0.01, z)],
                     (214, 178, 124), 0.018)  # fmt: skip
    stage.face([(x + 1.0, level - 0.12, z), (x + 1.85, level + 0.02, z), (x + 1.85, level + 0.1, z),
                (x + 1.0, level - 0.03, z)], dim(WOOD, 0.92))  # fmt: skip


def draw_playground(stage: Stage) -> None:
    """A swing frame on sand, one seat hanging by a single chain, and a slide behind."""
    rng = stage.rng
    sand = outline(stage, (1.6, 7.2), (4.2, 2.9), 0.06)
    stage.face(sand, (222, 200, 154))
    _draw_slide(stage, 4.0, 9.4)
    frame: Color = rng.choice(((190, 62, 48), (44, 104, 168), (226, 158, 40)))
    left, right, z, top = -0.5, 3.1, 6.4, 2.5
    for x in (left, right):
        stage.shadow((x, 0, z), (0.5, 0.9), 70)
        for foot in (z - 0.7, z + 0.7):
            stage.stroke([(x, 0, foot), (x, top, z)], frame, 0.1)
    stage.stroke([(left - 0.1, top, z), (right + 0.1, top, z)], dim(frame, 0.9), 0.11)
    for chain in (0.2, 0.75):
        stage.stroke([(chain, top, z), (chain, 0.55, z)], (150, 154, 158), 0.022)
    stage.box((0.15, 0.5, z - 0.12), (0.65, 0.06, 0.22), (52, 52, 56))
    stage.shadow((2.2, 0, z), (0.5, 0.2), 90)
    stage.stroke([(1.85, top, z), (1.88, 0.85, z)], (150, 154, 158), 0.022)
    stage.face([(1.84, 0.86, z), (1.96, 0.84, z), (2.2, 0.22, z), (2.08, 0.18, z)], (52, 52, 56))
    stage.stroke([(2.42, top, z), (2.42, 1.75, z), (2.46, 1.66, z)], (150, 154, 158), 0.022)


def _draw_slide(stage: Stage, x: float, z: float) -> None:
    for post in (x, x + 0.9):
        stage.stroke([(post, 0, z), (post, 2.6, z)], (120, 92, 64), 0.12)
    stage.box((x - 0.1, 1.5, z), (1.1, 0.1, 0.9), (132, 102, 70))
    roof = [(x - 0.3, 2.5, z), (x + 1.2, 2.5, z), (x + 0.45, 3.2, z)]
    stage.face(roof, (178, 70, 52))
    stage.face([(x - 0.1, 1.55, z), (x - 0.1, 1.55, z + 0.5), (x - 2.2, 0.2, z + 0.2),
                (x - 2.2, 0.2, z - 0.3)], (206, 212, 216))  # fmt: skip
    stage.stroke([(x - 0.1, 1.75, z), (x - 2.2, 0.4, z - 0.3)], (58, 120, 180), 0.08)


def draw_hedge(stage: Stage) -> None:
    """A private hedge that has grown over half of the pavement and hides a lamp post."""
    rng = stage.rng
    leaf = rng.choice(LEAVES)
    draw_street_lamp(stage, 3.3, 9.0)
    stage.box((4.5, 0, 3.0), (0.2, 0.7, 14.0), (176, 168, 156))
    for step in range(22, 4, -1):
        z = 3.0 + step * 0.55
        bulge = 0.75 + 0.45 * math.sin(step * 0.8) + rng.uniform(-0.1, 0.1)
        stage.shadow((4.1 - bulge * 0.4, 0, z), (bulge, 0.4), 50)
        draw_leaves(stage, (4.4 - bulge * 0.35, 1.0, z), (bulge, 1.0), leaf, 130)
    scatter_leaves(stage, (3.0, 5.0), 1.0, 40)


def draw_river(stage: Stage) -> None:
    """A small river between meadows, with driftwood, bottles and foam at the bank."""
    rng = stage.rng
    water = mix(stage.light.sky_low, (72, 98, 92), 0.55)
    bank: Color = (128, 116, 86)
    left = [(-1.6 - z * 0.06 + math.sin(z * 0.4) * 0.4, 0.0, z) for z in range(2, 60, 2)]
    right = [(3.4 + z * 0.05 + math.sin(z * 0.3) * 0.5, 0.0, z) for z in range(2, 60, 2)]
    stage.face([(x - 0.5, y, z) for x, y, z in left] + [(x + 0.5, y, z) for x, y, z in right[::-1]],
               bank)  # fmt: skip
    stage.face(left + right[::-1], water)
    for _ in range(190):
        z = rng.uniform(2.6, 26)
        x = rng.uniform(-1.4, 3.2)
        tone = rng.choice((stage.light.sky_low, dim(water, 0.8), (238, 242, 244)))
        stage.stroke([(x, 0, z), (x + rng.uniform(0.2, 0.7), 0, z)], tone, 0.015)
    _draw_driftwood(stage)
    for _ in range(70):
        x, z = rng.uniform(-1.7, -0.9), rng.uniform(3.4, 7.0)
        tip = (x - 0.4 + rng.uniform(-0.1, 0.1), rng.uniform(0.2, 0.7), z)
        stage.stroke([(x - 0.4, 0, z), tip], dim(rng.choice(LEAVES), 1.1), 0.02)


def _draw_driftwood(stage: Stage) -> None:
    rng = stage.rng
    for _ in range(7):
        x, z = rng.uniform(0.2, 2.2), rng.uniform(4.2, 5.2)
        turn = rng.uniform(-0.5, 0.5)
        stage.stroke([(x - 0.9, 0.06, z - turn * 0.4), (x + 0.6, 0.1 + turn * 0.2, z + turn * 0.4)],
                     dim((112, 92, 70), rng.uniform(0.7, 1.1)), rng.uniform(0.04, 0.1))  # fmt: skip
    for _ in range(60):
        spot = (rng.gauss(1.1, 0.7), 0.02, max(3.2, rng.gauss(4.5, 0.35)))
        stage.ball(spot, (rng.uniform(0.02, 0.09), 0.025), (240, 242, 238), 190)
    bottles: tuple[Color, ...] = ((60, 130, 80), (206, 220, 226), (190, 60, 50), (236, 232, 224))
    for color in bottles:
        x, z = rng.uniform(0.2, 2.0), rng.uniform(4.0, 4.6)
        stage.stroke([(x, 0.07, z), (x + 0.24, 0.09, z)], color, 0.09)
        stage.stroke([(x + 0.24, 0.09, z), (x + 0.34, 0.1, z)], dim(color, 0.85), 0.04)
