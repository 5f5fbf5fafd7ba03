"""The defects of streets and squares in the demo photos, each placed on the ground of a stage."""

import math

from demo.ground import draw_crack, outline, scatter_gravel, scatter_leaves, shrunk
from demo.stage import LEAVES, WOOD, Color, Point3, Stage, dim, draw_street_lamp, mix

STEEL: Color = (112, 118, 122)


def draw_pothole(stage: Stage) -> None:
    """A hole in the carriageway with broken edges, gravel, cracks and sometimes a puddle."""
    rng = stage.rng
    center = (rng.uniform(-1.2, -0.7), rng.uniform(3.3, 3.8))
    edge = outline(stage, center, (rng.uniform(0.5, 0.75), rng.uniform(0.4, 0.6)), 0.12)
    for _ in range(12):
        draw_crack(stage, rng.choice(edge), center)
    stage.face(shrunk(edge, center, 1.1), (124, 122, 120), 150)
    stage.face(edge, (58, 54, 52))
    for depth in range(5):
        inner = shrunk(edge, (center[0], center[1] - 0.05), 0.92 - depth * 0.07)
        stage.face(inner, mix((52, 48, 46), (96, 86, 74), depth / 5), 190)
    scatter_gravel(stage, center, 0.5, 130)
    if rng.random() < 0.5:
        puddle = shrunk(edge, (center[0], center[1] - 0.08), 0.6)
        stage.face(puddle, mix(stage.light.sky_low, (60, 64, 70), 0.35), 225)
        stage.face(shrunk(puddle, center, 0.6), stage.light.sky_low, 110)
    scatter_gravel(stage, center, 1.1, 70)


def draw_pavement(stage: Stage) -> None:
    """Slabs of the pavement lifted and tilted, one of them broken."""
    rng = stage.rng
    left_most, nearest = 1.1 + rng.randint(0, 2) * 0.5, 3.0 + rng.randint(0, 1) * 0.5
    raised = rng.sample([(column, row) for column in range(4) for row in range(3)], 5)
    for column, row in sorted(raised, key=lambda slab: -slab[1]):
        x, z = left_most + column * 0.5, nearest + row * 0.5
        lift = rng.uniform(0.03, 0.11)
        corners = [(x, 0.0, z), (x + 0.5, 0.0, z), (x + 0.5, 0.0, z + 0.5), (x, 0.0, z + 0.5)]
        stage.face(corners, (52, 46, 40))
        left, right = (lift, lift * 0.3) if rng.random() < 0.5 else (lift * 0.2, lift)
        top = [(x, left, z), (x + 0.5, right, z), (x + 0.49, right, z + 0.49), (x, left, z + 0.49)]
        front = [(x, 0.0, z), (x + 0.5, 0.0, z), (x + 0.5, right, z), (x, left, z)]
        stage.face(front, (84, 80, 76))
        stage.face(top, dim((172, 166, 156), rng.uniform(0.88, 1.04)))
    center = (left_most + 1.0, nearest + 0.7)
    for turn in (0.4, 2.0, 3.9):
        start = (center[0] + math.cos(turn) * 0.5, 0.06, center[1] + math.sin(turn) * 0.4)
        draw_crack(stage, start, center)
    scatter_gravel(stage, center, 0.8, 50)
    for _ in range(26):
        x, z = center[0] + rng.uniform(-1.0, 1.0), center[1] + rng.uniform(-0.7, 0.7)
        stage.stroke([(x, 0, z), (x + rng.uniform(-0.05, 0.05), rng.uniform(0.05, 0.14), z)],
                     rng.choice(LEAVES), 0.012)  # fmt: skip


def draw_drain(stage: Stage) -> None:
    """A street drain at the kerb, blocked by leaves, with standing water."""
    center = (0.55, 3.5)
    pond = outline(stage, (center[0] - 0.25, center[1] + 0.15), (0.85, 0.75), 0.1)
    stage.face(shrunk(pond, center, 1.12), (70, 70, 72), 120)
    stage.face(pond, mix(stage.light.sky_low, (70, 74, 78), 0.4), 220)
    x, z = center[0] - 0.25, center[1] - 0.25
    stage.face([(x, 0, z), (x + 0.5, 0, z), (x + 0.5, 0, z + 0.5), (x, 0, z + 0.5)], (64, 62, 62))
    for slot in range(6):
        left = x + 0.05 + slot * 0.07
        stage.face(
            [(left, 0, z + 0.06), (left + 0.04, 0, z + 0.06), (left + 0.04, 0, z + 0.44),
             (left, 0, z + 0.44)],
            (20, 20, 22),
        )  # fmt: skip
    scatter_leaves(stage, center, 0.5, 170)


def draw_lamp(stage: Stage) -> None:
    """A street lamp beside the pavement that stays dark, its cover hanging loose."""
    x, z = stage.rng.uniform(1.7, 2.2), stage.rng.uniform(9.0, 10.0)
    stage.shadow((x + 0.2, 0, z), (0.4, 0.22))
    stage.stroke([(x, 0, z), (x, 4.1, z)], (74, 82, 84), 0.11)
    stage.stroke([(x + 0.025, 0, z), (x + 0.025, 4.1, z)], (124, 132, 134), 0.03)
    stage.box((x - 0.09, 0.6, z - 0.06), (0.18, 0.42, 0.1), (84, 92, 94))
    stage.face(
        [(x - 0.04, 1.4, z - 0.1), (x + 0.05, 1.4, z - 0.1), (x + 0.05, 1.53, z - 0.1),
         (x - 0.04, 1.53, z - 0.1)],
        (232, 224, 120),
    )  # fmt: skip
    _draw_lamp_head(stage, x, z)


def _draw_lamp_head(stage: Stage, x: float, z: float) -> None:
    tilt = stage.rng.uniform(0.04, 0.16)
    stage.stroke([(x, 4.05, z), (x - 0.5, 4.32, z), (x - 0.95, 4.34, z)], (74, 82, 84), 0.08)
    lid = [(x - 1.5, 4.32 - tilt, z), (x - 0.75, 4.34, z), (x - 0.8, 4.46, z),
           (x - 1.4, 4.42 - tilt, z)]  # fmt: skip
    stage.face(lid, (96, 102, 104))
    cover = [(x - 1.46, 4.3 - tilt, z), (x - 0.8, 4.32, z), (x - 0.86, 4.24, z),
             (x - 1.38, 4.16 - tilt, z)]  # fmt: skip
    stage.face(cover, (58, 62, 66))
    stage.stroke([(x - 1.3, 4.18 - tilt, z), (x - 1.2, 4.02 - tilt, z)], (40, 42, 44), 0.02)


def draw_bin(stage: Stage) -> None:
    """A litter bin on its post, full to the brim, with more beside it."""
    rng = stage.rng
    x, z = rng.uniform(1.7, 2.3), rng.uniform(4.0, 4.6)
    color = rng.choice(((66, 98, 76), (92, 96, 98), (176, 88, 44), (58, 80, 112)))
    stage.shadow((x + 0.15, 0, z), (0.55, 0.3), 120)
    stage.stroke([(x + 0.3, 0, z + 0.1), (x + 0.3, 1.25, z + 0.1)], STEEL, 0.06)
    _draw_heap(stage, (x, 1.0, z + 0.02), 0.24, 16)
    _draw_tin(stage, (x, 0.3, z), 0.26, 0.72, color)
    _draw_heap(stage, (x, 1.06, z - 0.03), 0.2, 8)
    stage.face([(x - 0.1, 0.6, z - 0.27), (x + 0.1, 0.6, z - 0.27), (x + 0.1, 0.78, z - 0.27),
                (x - 0.1, 0.78, z - 0.27)], (236, 234, 226))  # fmt: skip
    for _ in range(9):
        _draw_litter(stage, (x + rng.gauss(0, 0.5), 0.0, z - abs(rng.gauss(0.25, 0.25))))


def _draw_tin(stage: Stage, foot: Point3, radius: float, height: float, color: Color) -> None:
    """An upright cylinder, shaded round in narrow strips."""
    x, y, z = foot
    strips = 18
    for strip in range(strips):
        left, right = (math.cos(math.pi * (1 - (strip + end) / strips)) for end in (0, 1))
        tone = 0.55 + 0.6 * math.sin(math.pi * (0.12 + 0.7 * strip / strips))
        depth = z - radius * math.sin(math.pi * (strip + 0.5) / strips)
        stage.face(
            [(x + left * radius, y, depth), (x + right * radius, y, depth),
             (x + right * radius, y + height, depth), (x + left * radius, y + height, depth)],
            dim(color, tone),
        )  # fmt: skip
    rim = (x, y + height, z - radius)
    stage.stroke([(x - radius, rim[1], z - radius * 0.4), (x - radius * 0.7, rim[1], z - radius),
                  (x + radius * 0.7, rim[1], z - radius), (x + radius, rim[1], z - radius * 0.4)],
                 dim(color, 0.6), 0.03)  # fmt: skip


def _draw_heap(stage: Stage, center: Point3, spread: float, count: int) -> None:
    rng = stage.rng
    tones = ((238, 236, 230), (200, 160, 96), (52, 54, 58), (186, 64, 54), (96, 140, 180))
    for _ in range(count):
        spot = (center[0] + rng.uniform(-spread, spread), center[1] + rng.uniform(-0.04, 0.2),
                center[2] - 0.05)  # fmt: skip
        color = rng.choice(tones)
        stage.ball(spot, (rng.uniform(0.05, 0.13), rng.uniform(0.05, 0.1)), dim(color, 0.8))
        stage.ball((spot[0] - 0.015, spot[1] + 0.02, spot[2]), (0.05, 0.04), color, 180)


def _draw_litter(stage: Stage, spot: Point3) -> None:
    """One piece on the ground: a cup, a carton or a crumpled bag."""
    rng, (x, _, z) = stage.rng, spot
    kind = rng.randrange(3)
    stage.shadow((x, 0, z), (0.14, 0.06), 80)
    if kind == 0:
        stage.face([(x - 0.04, 0.0, z), (x + 0.04, 0.0, z), (x + 0.055, 0.13, z),
                    (x - 0.055, 0.13, z)], (236, 232, 222))  # fmt: skip
        stage.face([(x - 0.05, 0.05, z), (x + 0.05, 0.05, z), (x + 0.053, 0.09, z),
                    (x - 0.053, 0.09, z)], (150, 70, 50))  # fmt: skip
    elif kind == 1:
        stage.box((x - 0.17, 0, z), (0.34, 0.05, 0.3), (202, 164, 108))
    else:
        stage.ball((x, 0.06, z), (0.1, 0.07), (228, 226, 220))
        stage.ball((x + 0.04, 0.05, z), (0.06, 0.04), (196, 194, 190))


def draw_graffiti(stage: Stage) -> None:
    """A distribution box and a garden wall covered with spray paint."""
    z = 5.0
    wall: Color = stage.rng.choice(((190, 180, 164), (176, 172, 168), (204, 196, 182)))
    stage.shadow((3.2, 0, z - 0.1), (2.6, 0.4), 90)
    stage.box((0.9, 0, z), (5.5, 1.9, 0.3), wall)
    stage.box((0.85, 1.9, z - 0.05), (5.6, 0.12, 0.4), dim(wall, 0.86))
    for row in range(1, 6):
        stage.stroke([(0.9, row * 0.31, z), (6.4, row * 0.31, z)], dim(wall, 0.84), 0.01)
    for _ in range(3):
        _spray(stage, stage.rng.uniform(1.3, 3.4), stage.rng.uniform(0.5, 1.0), z - 0.01)
    stage.box((0.95, 0, z - 0.6), (0.95, 1.15, 0.35), (128, 138, 126))
    stage.stroke([(1.42, 0.05, z - 0.6), (1.42, 1.1, z - 0.6)], (92, 100, 92), 0.012)
    _spray(stage, 1.0, 0.4, z - 0.61, 0.45)


def _spray(stage: Stage, x: float, y: float, z: float, size: float = 0.75) -> None:
    """One tag of looping strokes with a bright outline and drips."""
    rng = stage.rng
    color = rng.choice(((30, 32, 40), (196, 36, 92), (32, 112, 190), (240, 120, 30), (60, 160, 80)))
    line: list[Point3] = []
    phase, lean = rng.uniform(0, 6), rng.uniform(0.6, 1.3)
    for step in range(70):
        turn = step / 70 * math.tau * rng.choice((3, 3, 3)) + phase
        line.append((
            x + step / 70 * size * 1.9 + math.sin(turn) * size * 0.16,
            y + (0.5 + 0.5 * math.cos(turn * lean)) * size * 0.8,
            z,
        ))  # fmt: skip
    stage.stroke(line, (244, 240, 232), 0.1)
    stage.stroke(line, color, 0.06)
    for _ in range(5):
        start = rng.choice(line)
        stage.stroke([start, (start[0], start[1] - rng.uniform(0.08, 0.3), z)], color, 0.014)


def draw_sign(stage: Stage) -> None:
    """A traffic sign whose post was bent."""
    rng = stage.rng
    x, z = rng.uniform(1.5, 2.0), rng.uniform(4.4, 5.0)
    lean = rng.choice((-1, 1)) * rng.uniform(0.25, 0.5)
    stage.shadow((x + 0.2, 0, z), (0.45, 0.2), 100)
    foot, head = (x, 0.0, z), (x + lean, 2.1, z)
    stage.stroke([foot, (x + lean * 0.12, 0.5, z), head], (132, 138, 140), 0.07)
    stage.stroke([(x - 0.015, 0.0, z), (x + lean * 0.12 - 0.015, 0.5, z),
                  (head[0] - 0.015, head[1], z)], (186, 190, 192), 0.02)  # fmt: skip
    center = (head[0] + lean * 0.12, 2.25, z - 0.05)
    rng.choice((_draw_round_sign, _draw_triangle_sign, _draw_blue_sign))(stage, center, lean)


def _turned(center: Point3, corner: tuple[float, float], turn: float) -> Point3:
    x, y = corner
    return (
        center[0] + x * math.cos(turn) + y * math.sin(turn),
        center[1] - x * math.sin(turn) + y * math.cos(turn),
        center[2],
    )


def _draw_round_sign(stage: Stage, center: Point3, turn: float) -> None:
    stage.ball(center, (0.37, 0.37), (150, 152, 154))
    stage.ball(center, (0.355, 0.355), (196, 36, 40))
    stage.ball(center, (0.27, 0.27), (244, 242, 236))
    bar = [(-0.18, -0.06), (0.18, -0.06), (0.18, 0.06), (-0.18, 0.06)]
    stage.face([_turned(center, corner, turn) for corner in bar], (40, 40, 44))


def _draw_triangle_sign(stage: Stage, center: Point3, turn: float) -> None:
    for size, color in ((0.46, (150, 152, 154)), (0.44, (196, 36, 40)), (0.31, (244, 242, 236))):
        corners = [
            (math.cos(math.pi / 2 + step * math.tau / 3) * size,
             math.sin(math.pi / 2 + step * math.tau / 3) * size)
            for step in range(3)
        ]  # fmt: skip
        stage.face([_turned(center, corner, turn) for corner in corners], color)
    mark = [(-0.035, -0.02), (0.035, -0.02), (0.045, 0.16), (-0.045, 0.16)]
    stage.face([_turned(center, corner, turn) for corner in mark], (36, 36, 40))
    stage.ball(_turned(center, (0, -0.09), turn), (0.04, 0.04), (36, 36, 40))


def _draw_blue_sign(stage: Stage, center: Point3, turn: float) -> None:
    for size, color in ((0.4, (236, 238, 240)), (0.37, (30, 84, 160))):
        corners = [(-size, -size), (size, -size), (size, size), (-size, size)]
        stage.face([_turned(center, corner, turn) for corner in corners], color)
    arrow = [(-0.05, -0.26), (0.05, -0.26), (0.05, 0.06), (0.17, 0.06), (0.0, 0.28),
             (-0.17, 0.06), (-0.05, 0.06)]  # fmt: skip
    stage.face([_turned(center, corner, turn) for corner in arrow], (240, 242, 244))


def draw_rubbish(stage: Stage) -> None:
    """A heap of bags, a mattress, tyres and a cupboard against the wall."""
    rng = stage.rng
    stage.shadow((2.6, 0, 5.0), (2.0, 0.7), 130)
    large = rng.sample((_draw_cupboard, _draw_mattress, _draw_tyres, _draw_fridge), 3)
    for piece in large:
        piece(stage)
    for _ in range(9):
        _draw_bag(stage, (rng.uniform(1.5, 3.7), 0.0, rng.uniform(4.2, 5.1)))
    for _ in range(8):
        _draw_litter(stage, (rng.uniform(1.2, 3.8), 0.0, rng.uniform(3.7, 4.3)))


def _draw_cupboard(stage: Stage) -> None:
    stage.box((3.3, 0, 5.6), (0.9, 1.5, 0.5), (154, 116, 76))
    stage.stroke([(3.75, 0.05, 5.6), (3.75, 1.45, 5.6)], (106, 78, 52), 0.02)


def _draw_mattress(stage: Stage) -> None:
    mattress = [(1.7, 0.0, 5.5), (3.3, 0.0, 5.6), (3.25, 1.35, 5.9), (1.65, 1.3, 5.8)]
    stage.face(mattress, (222, 214, 200))
    for step in range(1, 6):
        x = 1.67 + step * 0.27
        stage.stroke([(x, 0.02, 5.5), (x - 0.03, 1.3, 5.8)], (190, 182, 172), 0.015)


def _draw_tyres(stage: Stage) -> None:
    for x in (1.2, 1.55):
        _draw_tyre(stage, (x, 0.32, 5.2 - (x - 1.2)))


def _draw_fridge(stage: Stage) -> None:
    stage.box((1.3, 0, 5.7), (0.62, 1.35, 0.55), (232, 234, 234))
    stage.stroke([(1.3, 0.9, 5.7), (1.92, 0.9, 5.7)], (176, 180, 182), 0.02)
    for low in (0.55, 1.0):
        stage.stroke([(1.86, low, 5.68), (1.86, low + 0.22, 5.68)], (140, 146, 150), 0.03)


def _draw_tyre(stage: Stage, center: Point3) -> None:
    stage.ball(center, (0.32, 0.32), (34, 34, 36))
    stage.ball(center, (0.27, 0.27), (52, 52, 54))
    stage.ball(center, (0.18, 0.18), (26, 24, 24))
    stage.ball((center[0] + 0.02, center[1] - 0.02, center[2]), (0.15, 0.15), (96, 92, 86))


def _draw_bag(stage: Stage, spot: Point3) -> None:
    rng, (x, _, z) = stage.rng, spot
    color = rng.choice(((44, 64, 108), (40, 42, 46), (40, 42, 46), (208, 190, 84)))
    wide, high = rng.uniform(0.24, 0.34), rng.uniform(0.2, 0.3)
    stage.ball((x, high, z), (wide, high), dim(color, 0.7))
    stage.ball((x - wide * 0.15, high * 1.1, z), (wide * 0.75, high * 0.75), color)
    stage.face([(x - 0.05, high * 1.8, z), (x + 0.05, high * 1.8, z), (x + 0.1, high * 2.3, z),
                (x - 0.09, high * 2.25, z)], dim(color, 0.85))  # fmt: skip
    for _ in range(5):
        a = (x + rng.uniform(-0.6, 0.3) * wide, high * rng.uniform(0.9, 1.6), z)
        stage.stroke([a, (a[0] + 0.07, a[1] - 0.08, z)], mix(color, (255, 255, 255), 0.4), 0.014)


def draw_water(stage: Stage) -> None:
    """Water bursting from a crack and spreading over the road."""
    rng = stage.rng
    center = (-0.7, 5.0)
    pond = outline(stage, (center[0], center[1] - 0.5), (2.3, 1.6), 0.14)
    water = mix(stage.light.sky_low, (92, 108, 122), 0.4)
    stage.face(shrunk(pond, center, 1.08), (66, 68, 72), 120)
    stage.face(pond, water, 225)
    for share in (0.85, 0.6, 0.36):
        stage.face(shrunk(pond, center, share), mix(water, (255, 255, 255), 0.5 - share / 2), 60)
    for _ in range(60):
        x, z = rng.gauss(center[0], 1.0), max(2.2, rng.gauss(center[1] - 0.6, 0.7))
        stage.stroke([(x, 0, z), (x + rng.uniform(0.1, 0.4), 0, z)], (236, 242, 246), 0.012)
    for _ in range(520):
        lift = rng.random() ** 1.6 * 0.85
        drift = rng.gauss(0, 0.05 + 0.28 * (0.85 - lift) * rng.random())
        size = rng.uniform(0.01, 0.045)
        stage.ball((center[0] + drift, lift, center[1]), (size * 0.8, size), (232, 240, 246), 130)
    stage.ball((center[0], 0.04, center[1]), (0.36, 0.1), (248, 250, 252), 200)


def draw_barrier(stage: Stage) -> None:
    """A red and white barrier with a warning light and cones: fits whatever has no own picture."""
    rng = stage.rng
    x, z = rng.uniform(0.9, 1.3), rng.uniform(4.4, 5.0)
    stage.shadow((x + 0.9, 0, z), (1.3, 0.35), 110)
    for foot in (x + 0.1, x + 1.65):
        stage.box((foot - 0.15, 0, z - 0.25), (0.36, 0.09, 0.5), (54, 54, 58))
        stage.stroke([(foot, 0.05, z), (foot, 1.1, z)], (150, 154, 156), 0.06)
    for index in range(7):
        left = x + index * 0.257
        color: Color = (206, 44, 40) if index % 2 == 0 else (242, 240, 234)
        stage.face([(left, 0.78, z - 0.04), (left + 0.257, 0.78, z - 0.04),
                    (left + 0.257, 1.02, z - 0.04), (left, 1.02, z - 0.04)], color)  # fmt: skip
    stage.ball((x + 0.1, 1.2, z), (0.1, 0.12), (240, 176, 40))
    stage.ball((x + 0.08, 1.23, z), (0.05, 0.06), (255, 226, 150))
    for cone in range(2):
        _draw_cone(stage, x + 0.4 + cone * 0.9 + rng.uniform(0, 0.2), z - 0.8)


def _draw_cone(stage: Stage, x: float, z: float) -> None:
    stage.shadow((x + 0.05, 0, z), (0.28, 0.14), 100)
    stage.box((x - 0.18, 0, z - 0.1), (0.36, 0.03, 0.3), (48, 48, 52))
    for low, high, color in (
        (0.0, 0.16, (226, 84, 30)), (0.16, 0.28, (240, 238, 232)),
        (0.28, 0.4, (226, 84, 30)), (0.4, 0.5, (240, 238, 232)),
    ):  # fmt: skip
        wide, slim = 0.15 * (1 - low / 0.62), 0.15 * (1 - high / 0.62)
        stage.face([(x - wide, low, z), (x + wide, low, z), (x + slim, high, z),
                    (x - slim, high, z)], color)  # fmt: skip
        stage.face([(x + wide * 0.3, low, z), (x + wide, low, z), (x + slim, high, z),
                    (x + slim * 0.3, high, z)], dim(color, 0.8))  # fmt: skip


def draw_signal(stage: Stage) -> None:
    """A pedestrian traffic light with its lenses dark."""
    x, z = stage.rng.uniform(1.5, 1.9), stage.rng.uniform(4.6, 5.2)
    stage.shadow((x + 0.1, 0, z), (0.4, 0.2), 100)
    stage.stroke([(x, 0, z), (x, 2.5, z)], (88, 94, 98), 0.11)
    stage.box((x - 0.11, 1.0, z - 0.14), (0.2, 0.3, 0.14), (226, 182, 40))
    stage.ball((x - 0.01, 1.12, z - 0.15), (0.05, 0.05), (44, 44, 48))
    stage.box((x - 0.17, 1.85, z - 0.2), (0.34, 0.92, 0.22), (40, 44, 48))
    for level, tint in ((2.55, (74, 36, 36)), (2.3, (72, 62, 32)), (2.05, (34, 62, 44))):
        stage.ball((x, level, z - 0.21), (0.11, 0.11), (22, 24, 26))
        stage.ball((x, level, z - 0.21), (0.09, 0.09), tint)
        stage.ball((x - 0.03, level + 0.03, z - 0.21), (0.03, 0.03), (150, 154, 158), 120)


def draw_shelter(stage: Stage) -> None:
    """A bus shelter with one pane broken."""
    x, z = 1.6, 5.4
    stage.shadow((x + 1.3, 0, z + 0.6), (1.7, 0.7), 100)
    for foot in (x, x + 2.6):
        stage.stroke([(foot, 0, z + 1.2), (foot, 2.4, z + 1.2)], STEEL, 0.08)
    for index in range(3):
        left = x + 0.05 + index * 0.86
        glass = [(left, 0.3, z + 1.2), (left + 0.8, 0.3, z + 1.2), (left + 0.8, 2.2, z + 1.2),
                 (left, 2.2, z + 1.2)]  # fmt: skip
        if index != 1:
            stage.face(glass, (190, 210, 218), 130)
    _draw_shards(stage, x + 0.95, z)
    stage.box((x + 0.2, 0.45, z + 0.8), (2.2, 0.06, 0.35), WOOD)
    for foot in (x, x + 2.6):
        stage.stroke([(foot, 0, z), (foot, 2.4, z)], STEEL, 0.09)
    stage.box((x - 0.2, 2.4, z - 0.2), (3.0, 0.14, 1.6), (88, 96, 100))
    stage.stroke([(x - 0.7, 0, z), (x - 0.7, 2.8, z)], STEEL, 0.06)
    stage.ball((x - 0.7, 2.8, z), (0.26, 0.26), (222, 190, 40))
    stage.ball((x - 0.7, 2.8, z), (0.2, 0.2), (40, 128, 72))


def _draw_shards(stage: Stage, x: float, z: float) -> None:
    rng = stage.rng
    for _ in range(40):
        left, deep = x + rng.uniform(-0.3, 1.0), z + rng.uniform(0.0, 1.1)
        size = rng.uniform(0.02, 0.07)
        stage.face([(left, 0.01, deep), (left + size, 0.01, deep), (left + size * 0.4, 0.01,
                    deep + size)], (224, 236, 240), 200)  # fmt: skip


def draw_dark_street(stage: Stage) -> None:
    """The dark lamp of an evening street; a lit one stands farther along for comparison."""
    if stage.light.dusk:
        draw_street_lamp(stage, 3.9, 17.0, lit=True)
    draw_lamp(stage)


def draw_car(stage: Stage) -> None:
    """A car left at the kerb: no plates, a flat tyre, moss on the roof."""
    rng = stage.rng
    paint: Color = rng.choice(((150, 156, 160), (64, 84, 118), (136, 52, 44), (84, 110, 84)))
    left, near, far, wide = -1.3, 5.0, 9.2, 1.75
    right = left + wide
    stage.shadow((left + wide / 2, 0, 7.0), (1.2, 2.5), 150)
    for x in (left + 0.1, right - 0.28):
        stage.box((x, 0, near + 0.45), (0.2, 0.52, 0.62), (30, 30, 32))
        stage.box((x, 0, far - 1.1), (0.2, 0.56, 0.62), (30, 30, 32))
    stage.box((left, 0.3, near), (wide, 0.56, far - near), paint)
    _draw_cabin(stage, (left, right), (near + 0.5, far - 1.2), paint)
    for x in (left + 0.06, right - 0.36):
        stage.face([(x, 0.6, near), (x + 0.3, 0.6, near), (x + 0.3, 0.74, near), (x, 0.74, near)],
                   (168, 48, 40))  # fmt: skip
    x = left + wide / 2 - 0.26
    stage.face([(x, 0.46, near), (x + 0.52, 0.46, near), (x + 0.52, 0.57, near), (x, 0.57, near)],
               (56, 56, 58))  # fmt: skip
    stage.box((left, 0.28, near - 0.06), (wide, 0.14, 0.1), dim(paint, 0.7))
    for _ in range(40):
        spot = (rng.uniform(left + 0.2, right - 0.2), 1.45, rng.uniform(near + 0.8, far - 1.8))
        stage.ball(spot, (0.05, 0.015), (104, 116, 60), 160)
    scatter_leaves(stage, (left + wide / 2, near - 0.2), 0.8, 60)


def _draw_cabin(
    stage: Stage, sides: tuple[float, float], span: tuple[float, float], paint: Color
) -> None:
    """The upper part of a car, narrower at the roof, with its windows."""
    (left, right), (near, far) = sides, span
    low, top, slope = 0.86, 1.44, 0.18
    glass = mix((44, 54, 64), stage.light.sky_low, 0.2)
    for x, inner in ((left, left + slope), (right, right - slope)):
        side = [(x, low, near), (x, low, far), (inner, top, far - 0.7), (inner, top, near + 0.45)]
        stage.face(side, dim(paint, 0.8))
        pane = [
            (x + (inner - x) * 0.2, low + 0.08, near + 0.3),
            (x + (inner - x) * 0.2, low + 0.08, far - 0.3),
            (inner, top - 0.08, far - 0.8),
            (inner, top - 0.08, near + 0.55),
        ]
        stage.face(pane, glass)  # fmt: skip
    roof = [(left + slope, top, near + 0.45), (right - slope, top, near + 0.45),
            (right - slope, top, far - 0.7), (left + slope, top, far - 0.7)]  # fmt: skip
    stage.face(roof, dim(paint, 1.12))
    back = [(left, low, near), (right, low, near), (right - slope, top, near + 0.45),
            (left + slope, top, near + 0.45)]  # fmt: skip
    stage.face(back, paint)
    pane = [(left + 0.16, low + 0.07, near + 0.03), (right - 0.16, low + 0.07, near + 0.03),
            (right - slope - 0.08, top - 0.08, near + 0.42), (left + slope + 0.08, top - 0.08,
            near + 0.42)]  # fmt: skip
    stage.face(pane, glass)


def draw_marking(stage: Stage) -> None:
    """A zebra crossing whose stripes are worn away."""
    rng = stage.rng
    for index in range(7):
        left = -5.4 + index * 0.95
        stage.face([(left, 0, 3.4), (left + 0.5, 0, 3.4), (left + 0.5, 0, 6.6), (left, 0, 6.6)],
                   (222, 222, 216), rng.randint(50, 130))  # fmt: skip
        for _ in range(90):
            x, z = left + rng.uniform(0, 0.5), rng.uniform(3.4, 6.6)
            size = rng.uniform(0.02, 0.11)
            stage.face([(x, 0, z), (x + size, 0, z - size * 0.4), (x + size * 0.7, 0, z + size)],
                       (104, 104, 104), 220)  # fmt: skip
