"""Marks on the ground of the demo photos: ragged outlines, cracks, gravel and leaves."""

import math

from demo.stage import Point3, Stage, dim


def outline(
    stage: Stage, center: tuple[float, float], radius: tuple[float, float], rough: float
) -> list[Point3]:
    """Return a ragged closed line on the ground around (x, z); radii in metres."""
    rng, count = stage.rng, 40
    phase = [rng.uniform(0, math.tau) for _ in range(3)]
    wave = [
        1
        + rough * math.sin(2 * index * math.tau / count + phase[0])
        + rough * 0.6 * math.sin(5 * index * math.tau / count + phase[1])
        + rough * 0.3 * math.sin(9 * index * math.tau / count + phase[2])
        + rng.uniform(-rough, rough) * 0.16
        for index in range(count)
    ]
    return [
        (
            center[0] + math.cos(index * math.tau / count) * radius[0] * wave[index],
            0.0,
            center[1] + math.sin(index * math.tau / count) * radius[1] * wave[index],
        )
        for index in range(count)
    ]


def shrunk(line: list[Point3], center: tuple[float, float], share: float) -> list[Point3]:
    """Return the line drawn in towards its centre (share below 1) or out (above 1)."""
    return [
        (center[0] + (x - center[0]) * share, y, center[1] + (z - center[1]) * share)
        for x, y, z in line
    ]


def draw_crack(stage: Stage, start: Point3, center: tuple[float, float]) -> None:
    """Let a crack wander away from the centre, beginning at `start`."""
    rng = stage.rng
    x, _, z = start
    heading = math.atan2(z - center[1], x - center[0])
    line: list[Point3] = [start]
    for _ in range(rng.randint(3, 6)):
        heading += rng.uniform(-0.6, 0.6)
        x, z = x + math.cos(heading) * 0.14, z + math.sin(heading) * 0.14
        line.append((x, 0.0, max(z, 1.6)))
    stage.stroke(line, (62, 60, 60), 0.012)


def scatter_gravel(stage: Stage, center: tuple[float, float], reach: float, count: int) -> None:
    """Scatter small stones around (x, z); reach in metres."""
    rng = stage.rng
    for _ in range(count):
        x, z = rng.gauss(center[0], reach * 0.45), rng.gauss(center[1], reach * 0.35)
        size = rng.uniform(0.008, 0.026)
        stage.ball((x, size * 0.6, max(z, 1.8)), (size, size * 0.7),
                   dim((136, 128, 118), rng.uniform(0.6, 1.2)))  # fmt: skip


def scatter_leaves(stage: Stage, center: tuple[float, float], reach: float, count: int) -> None:
    """Scatter fallen leaves around (x, z); reach in metres."""
    rng = stage.rng
    tones = ((168, 108, 46), (136, 84, 42), (186, 144, 62), (104, 88, 48))
    for _ in range(count):
        x, z = rng.gauss(center[0], reach * 0.5), max(1.8, rng.gauss(center[1], reach * 0.5))
        size = rng.uniform(0.03, 0.06)
        turn = rng.uniform(0, math.tau)
        leaf = [
            (x + math.cos(turn + step) * size * wide, 0.01, z + math.sin(turn + step) * size * wide)
            for step, wide in ((0.0, 1.0), (1.2, 0.6), (math.pi, 1.0), (4.4, 0.6))
        ]
        stage.face(leaf, dim(rng.choice(tones), rng.uniform(0.8, 1.15)))
