"""Rules of photos: what is accepted by its header, and what the confined child makes of it."""

import io
import json
import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reports import photo_child, photos, sandbox
from reports.forbidden_samples import FORBIDDEN_SAMPLES
from reports.photos import Mask, PhotoFacts, PhotoRejected
from reports.sandbox import Limits, PhotoUndecodable, SandboxUnavailable
from tests import photo_samples
from tests.photo_samples import BLUE, CANARY_BYTES, GREEN, RED, WHITE, blank_png

ROOT = Path(__file__).parents[2]
# A bigger kit for nightly runs: ANLIEGEN_HOSTILE_PHOTOS=6000
HOSTILE_PHOTOS = int(os.environ.get("ANLIEGEN_HOSTILE_PHOTOS", "400"))
CANARY_PICTURES = {
    "JPEG": photo_samples.jpeg_full_of_canaries,
    "PNG": photo_samples.png_full_of_canaries,
    "WEBP": photo_samples.webp_full_of_canaries,
}


def inspected(data: bytes) -> PhotoFacts:
    return photos.inspect(io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoRejected) as rejection:
        inspected(data)
    assert str(rejection.value.message)
    return rejection.value.code


def header_code(data: bytes) -> str:
    """The code of the refusal, or "accepted"."""
    try:
        inspected(data)
    except PhotoRejected as rejection:
        return rejection.code
    return "accepted"


def tried(data: bytes, **choices: Any) -> photos.Derivatives | PhotoUndecodable:
    try:
        return sandbox.derive(data, **choices)
    except PhotoUndecodable as failure:
        return failure


def undecodable(data: bytes, **choices: Any) -> PhotoUndecodable:
    outcome = tried(data, **choices)
    assert isinstance(outcome, PhotoUndecodable)
    return outcome


def opened(file: photos.Derivative) -> Image.Image:
    return Image.open(io.BytesIO(file.data)).convert("RGB")


def is_close(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(one - other) <= 24 for one, other in zip(seen, wanted, strict=True))


def quarters(image: Image.Image) -> list[object]:
    across, down = image.width // 4, image.height // 4
    return [image.getpixel((x * across, y * down)) for y in (1, 3) for x in (1, 3)]


# The header check


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_header_tells_format_size_and_hash(image_format: str) -> None:
    data = photo_samples.encoded(photo_samples.picture(317, 211), image_format)

    facts = inspected(data)

    assert (facts.format, facts.width, facts.height) == (image_format, 317, 211)
    assert facts.byte_size == len(data)
    assert len(facts.sha256) == 64


@pytest.mark.parametrize(
    "choices",
    [
        {"format": "JPEG", "progressive": True},
        {"format": "WEBP", "lossless": True},
        {"format": "WEBP", "exif": photo_samples.exif()},
    ],
)
def test_header_is_read_in_every_variant_cameras_write(choices: dict[str, object]) -> None:
    file = io.BytesIO()
    photo_samples.picture(317, 211).save(file, **choices)  # type: ignore[arg-type]

    facts = photos.inspect(file)

    assert (facts.width, facts.height) == (317, 211)
    assert file.tell() == 0


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_full_of_metadata_is_accepted(image_format: str) -> None:
    assert inspected(CANARY_PICTURES[image_format]()).format == image_format


@pytest.mark.parametrize("kind", sorted(photo_samples.disguised()))
def test_content_decides_whatever_the_file_is_called(kind: str) -> None:
    expected = "heic_not_accepted" if kind == "HEIC" else "unsupported_type"
    assert refusal(photo_samples.disguised()[kind]) == expected


@pytest.mark.parametrize("kind", sorted(FORBIDDEN_SAMPLES))
def test_no_forbidden_format_passes_the_header_check(kind: str) -> None:
    assert refusal(FORBIDDEN_SAMPLES[kind]) in {"unsupported_type", "heic_not_accepted"}


def test_an_empty_file_is_named_as_such() -> None:
    assert refusal(b"") == "empty"


def test_fifteen_megabytes_are_accepted_and_one_byte_more_is_not() -> None:
    picture = photo_samples.encoded(photo_samples.picture(), "JPEG")
    filled = picture + bytes(photos.MAX_BYTES - len(picture))

    assert inspected(filled).byte_size == 15 * 1024 * 1024
    assert refusal(filled + b"\0") == "too_large_bytes"


def png_with_depth(depth: int) -> bytes:
    header = struct.pack(">IIBBBBB", 8, 8, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + photo_samples.png_chunk(b"IHDR", header)


SIZED = {"JPEG": photo_samples.jpeg_of_size, "PNG": blank_png, "WEBP": photo_samples.webp_of_size}


@pytest.mark.parametrize(
    ("image_format", "width", "height"),
    [
        ("JPEG", 8160, 6120),
        ("JPEG", 8192, 6144),
        ("PNG", 5000, 5000),
        ("WEBP", 5000, 5000),
    ],
)
def test_pixels_up_to_the_limit_are_accepted(image_format: str, width: int, height: int) -> None:
    facts = inspected(SIZED[image_format](width, height))
    assert (facts.width, facts.height) == (width, height)


@pytest.mark.parametrize(
    ("image_format", "width", "height"),
    [
        ("JPEG", 8192, 6145),
        ("JPEG", 65535, 65535),
        ("PNG", 5000, 5001),
        ("WEBP", 5001, 5000),
        ("WEBP", 2**24, 2**24),
    ],
)
def test_more_pixels_are_refused_before_anything_is_decoded(
    image_format: str, width: int, height: int
) -> None:
    assert refusal(SIZED[image_format](width, height)) == "too_many_pixels"


BROKEN_HEADERS: dict[str, Callable[[], bytes]] = {
    "JPEG of three bytes": lambda: b"\xff\xd8\xff",
    "JPEG that ends at once": lambda: b"\xff\xd8\xff\xd9",
    "JPEG without width": lambda: photo_samples.jpeg_of_size(0, 10),
    "JPEG of many segments": lambda: photo_samples.jpeg_with_segments(5_000),
    "JPEG of filling": lambda: b"\xff\xd8" + b"\xff" * 5_000_000,
    "JPEG with impossible length": lambda: b"\xff\xd8\xff\xe0\0\1",
    "PNG of a signature": lambda: b"\x89PNG\r\n\x1a\n",
    "PNG cut in its header": lambda: blank_png(8, 8)[:20],
    "PNG with wrong checksum": lambda: blank_png(8, 8).replace(b"\0\0\0\x08", b"\0\0\0\x09", 1),
    "PNG of three bits": lambda: png_with_depth(3),
    "PNG without width": lambda: blank_png(0, 8),
    "WebP without chunk": lambda: b"RIFF\x04\0\0\0WEBP",
    "WebP without start code": lambda: b"RIFF\x40\0\0\0WEBPVP8 " + bytes(60),
    "WebP of another chunk": lambda: b"RIFF\x40\0\0\0WEBPANIM" + bytes(60),
    "WebP cut": lambda: photo_samples.encoded(photo_samples.picture(), "WEBP")[:-1],
}


@pytest.mark.parametrize("kind", BROKEN_HEADERS)
def test_a_broken_header_is_named_as_such(kind: str) -> None:
    assert refusal(BROKEN_HEADERS[kind]()) == "unreadable_header"


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC9, 0xCF])
def test_jpeg_variants_no_browser_shows_are_refused(marker: int) -> None:
    plain = photo_samples.encoded(photo_samples.picture(), "JPEG")
    assert refusal(plain.replace(b"\xff\xc0", bytes([0xFF, marker]), 1)) == "unsupported_type"


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"])
)
def test_any_bytes_are_either_measured_or_refused(tail: bytes, start: bytes) -> None:
    assert header_code(start + tail) != "too_large_bytes"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_an_upload_cut_at_any_byte_of_its_header_is_refused_or_measured(image_format: str) -> None:
    whole = CANARY_PICTURES[image_format](photo_samples.picture(64, 48))
    codes = {header_code(whole[:length]) for length in range(1, 1200)}
    assert codes <= {"accepted", "unreadable_header", "unsupported_type"}


def test_the_web_process_never_loads_an_image_library() -> None:
    code = """
        import sys
        import reports.photos, reports.sandbox, reports.photo_storage
        sys.exit(any(name.split(".")[0] == "PIL" for name in sys.modules))
    """
    assert run_python(code).returncode == 0


# Derivatives


def test_six_copies_are_made_none_larger_than_asked() -> None:
    made = sandbox.derive(photo_samples.encoded(photo_samples.picture(2000, 1500), "JPEG"))

    assert (made.width, made.height) == (2000, 1500)
    assert [(file.size, file.format, file.width, file.height) for file in made.files] == [
        (1600, "WEBP", 1600, 1200),
        (1600, "JPEG", 1600, 1200),
        (800, "WEBP", 800, 600),
        (800, "JPEG", 800, 600),
        (320, "WEBP", 320, 240),
        (320, "JPEG", 320, 240),
    ]
    for file in made.files:
        assert opened(file).size == (file.width, file.height)
        assert file.suffix == (".webp" if file.format == "WEBP" else ".jpg")


@pytest.mark.parametrize("size", [(10, 7), (1, 1), (1, 4000), (4000, 3), (1600, 1600)])
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_enlarged_and_no_edge_vanishes(image_format: str, size: tuple[int, int]) -> None:
    made = sandbox.derive(photo_samples.encoded(photo_samples.picture(*size), image_format))

    for file in made.files:
        assert 1 <= file.width <= size[0]
        assert 1 <= file.height <= size[1]
        assert max(file.width, file.height) == min(max(size), file.size)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_comes_out(image_format: str) -> None:
    original = CANARY_PICTURES[image_format]()
    assert CANARY_BYTES in original

    made = sandbox.derive(original)

    for file in made.files:
        assert CANARY_BYTES not in file.data
        assert photos.carries_only_pixels(file.data, file.format)
        image = Image.open(io.BytesIO(file.data))
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & image.info.keys()


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_stands_upright_however_the_camera_was_held(
    image_format: str, orientation: int
) -> None:
    stored = photo_samples.stored_with_orientation(photo_samples.picture(), orientation)

    made = sandbox.derive(CANARY_PICTURES[image_format](stored, orientation))

    assert (made.width, made.height) == (640, 480)
    for file in made.files:
        seen = quarters(opened(file))
        assert all(map(is_close, seen, (RED, GREEN, BLUE, WHITE)))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_is_ignored(orientation: int) -> None:
    made = sandbox.derive(photo_samples.jpeg_full_of_canaries(orientation=orientation))
    assert all(map(is_close, quarters(opened(made.files[0])), (RED, GREEN, BLUE, WHITE)))


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_jpeg_in_every_colour_model_keeps_its_light(mode: str) -> None:
    grey = Image.new("RGB", (64, 48), (128, 128, 128)).convert(mode)
    made = sandbox.derive(photo_samples.encoded(grey, "JPEG"))
    assert is_close(opened(made.files[0]).getpixel((32, 24)), (128, 128, 128))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_in_every_colour_model_keeps_its_light(mode: str) -> None:
    white = Image.new("L", (64, 48), 255)
    image = Image.new("I;16", (64, 48), 65535) if mode == "I;16" else white.convert(mode)
    made = sandbox.derive(photo_samples.encoded(image, "PNG"))
    assert is_close(opened(made.files[0]).getpixel((32, 24)), (255, 255, 255))


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    middle = Image.new("I;16", (64, 48), 32768)
    made = sandbox.derive(photo_samples.encoded(middle, "PNG"))
    assert is_close(opened(made.files[0]).getpixel((32, 24)), (128, 128, 128))


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_what_is_transparent_becomes_white_and_hides_nothing(image_format: str) -> None:
    hidden = Image.new("RGBA", (64, 48), (*RED, 0))
    made = sandbox.derive(photo_samples.encoded(hidden, image_format))
    assert is_close(opened(made.files[0]).getpixel((32, 24)), (255, 255, 255))


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_counts(image_format: str) -> None:
    made = sandbox.derive(photo_samples.animated(image_format))
    assert is_close(opened(made.files[0]).getpixel((32, 24)), RED)


def test_a_second_picture_inside_a_jpeg_is_left_alone() -> None:
    first, second = (Image.new("RGB", (64, 48), colour) for colour in (RED, BLUE))
    double = photo_samples.encoded(first, "MPO", save_all=True, append_images=[second])
    made = sandbox.derive(double)
    assert is_close(opened(made.files[0]).getpixel((32, 24)), RED)


def test_equal_photos_make_equal_files() -> None:
    original = photo_samples.jpeg_full_of_canaries()
    assert sandbox.derive(original).files == sandbox.derive(io.BytesIO(original)).files


# Masks

PATTERN = Image.effect_noise((64, 48), 90).convert("RGB")


def with_secret(secret: Image.Image, box: tuple[int, int, int, int]) -> bytes:
    image = photo_samples.picture(2000, 1500)
    image.paste(secret.resize((box[2] - box[0], box[3] - box[1])), box)
    return photo_samples.encoded(image, "PNG", compress_level=1)


def test_a_solid_mask_leaves_nothing_of_what_it_covers() -> None:
    box = (301, 203, 677, 591)
    masks = [Mask("rectangle", *box)]
    plain = Image.new("RGB", (64, 48), GREEN)

    one = sandbox.derive(with_secret(PATTERN, box), masks=masks)
    other = sandbox.derive(with_secret(plain, box), masks=masks)

    # Byte for byte the same: so the result cannot depend on the covered pixels.
    assert one.files == other.files
    for file in one.files:
        factor = file.width / 2000
        assert is_close(opened(file).getpixel((int(480 * factor), int(390 * factor))), (0, 0, 0))


def test_an_ellipse_covers_its_inside_and_not_its_corners() -> None:
    masks = [Mask("ellipse", 200, 200, 1000, 1000)]

    made = sandbox.derive(
        photo_samples.encoded(photo_samples.picture(2000, 1500), "PNG"), masks=masks
    )

    seen = opened(made.files[0])
    for x, y in (
        (600, 600),
        (215, 600),
        (985, 600),
        (600, 215),
        (600, 985),
        (330, 330),
        (870, 870),
    ):
        assert is_close(seen.getpixel((int(x * 0.8), int(y * 0.8))), (0, 0, 0)), (x, y)
    assert is_close(seen.getpixel((int(215 * 0.8), int(215 * 0.8))), RED)


@given(st.integers(-50, 350), st.integers(-50, 250), st.integers(1, 300), st.integers(1, 300))
def test_an_ellipse_covers_every_pixel_whose_centre_it_contains(
    left: int, top: int, width: int, height: int
) -> None:
    canvas = Image.new("L", (300, 200), 255)
    box = photo_child.Box(left, top, left + width, top + height)
    seen = photo_child.Box(max(0, left), max(0, top), min(300, box.right), min(200, box.bottom))
    if seen.left >= seen.right or seen.top >= seen.bottom:
        return

    stencil = photo_child._ellipse(box, seen)

    assert stencil.size == (seen.right - seen.left, seen.bottom - seen.top)
    for x in range(seen.left, seen.right, 7):
        for y in range(seen.top, seen.bottom, 7):
            across = (x + 0.5 - left - width / 2) / (width / 2)
            down = (y + 0.5 - top - height / 2) / (height / 2)
            if across * across + down * down <= 1:
                assert stencil.getpixel((x - seen.left, y - seen.top)) == 255
    assert canvas.size == (300, 200)


def test_pixelation_leaves_a_few_flat_cells() -> None:
    canvas = PATTERN.resize((600, 600))
    photo_child.burn(canvas, [("rectangle", "pixelated", 100, 100, 400, 300)], (600, 600))

    colours = canvas.crop((100, 100, 400, 300)).getcolors(maxcolors=10_000)

    assert colours is not None
    assert len(colours) <= photo_child.MOSAIC_CELLS**2


def test_masks_are_placed_on_the_upright_picture() -> None:
    stored = photo_samples.stored_with_orientation(photo_samples.picture(), 6)
    original = photo_samples.jpeg_full_of_canaries(stored, orientation=6)

    made = sandbox.derive(original, masks=[Mask("rectangle", 320, 0, 640, 240)])

    seen = quarters(opened(made.files[0]))
    assert all(map(is_close, seen, (RED, (0, 0, 0), BLUE, WHITE)))


def test_a_mask_may_reach_over_the_edge() -> None:
    original = photo_samples.encoded(photo_samples.picture(), "JPEG")
    masks = [
        Mask("ellipse", -900, -900, 1500, 1500, "pixelated"),
        Mask("rectangle", 600, 440, 900, 900),
    ]
    made = sandbox.derive(original, masks=masks)
    assert is_close(opened(made.files[0]).getpixel((630, 470)), (0, 0, 0))


def test_a_mask_beside_the_picture_stops_everything() -> None:
    original = photo_samples.encoded(photo_samples.picture(), "JPEG")
    failure = undecodable(original, masks=[Mask("rectangle", 3000, 3000, 3100, 3100)])
    assert failure.code == "mask_outside_picture"


def test_a_mask_needs_an_area() -> None:
    with pytest.raises(ValueError, match="left < right"):
        Mask("rectangle", 10, 10, 10, 20)


@given(st.floats(0.05, 20))
def test_a_scaled_mask_covers_at_least_the_same_area(factor: float) -> None:
    mask = Mask("ellipse", 11, 22, 33, 55, "pixelated").scaled(factor)
    assert mask.left <= 11 * factor
    assert mask.bottom >= 55 * factor
    assert mask.style == "pixelated"


# The hint


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_place_and_time_of_the_camera_are_offered(image_format: str) -> None:
    hint = inspected(CANARY_PICTURES[image_format]()).hint

    assert hint is not None
    assert (hint.lon, hint.lat) == (photo_samples.LON, photo_samples.LAT)
    assert hint.taken_at == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken_at", "offset", "expected"),
    [
        ("2026:07:01 12:30:00", None, datetime(2026, 7, 1, 10, 30, tzinfo=UTC)),
        ("2026:07:01 12:30:00", "-05:00", datetime(2026, 7, 1, 17, 30, tzinfo=UTC)),
        ("0000:00:00 00:00:00", None, None),
        ("2026:02:30 12:30:00", None, None),
        ("yesterday", None, None),
    ],
)
def test_the_time_of_the_camera_is_understood_or_left_out(
    taken_at: str, offset: str | None, expected: datetime | None
) -> None:
    original = photo_samples.encoded(
        photo_samples.picture(), "JPEG", exif=photo_samples.exif(1, taken_at, offset)
    )
    hint = inspected(original).hint
    assert hint is not None
    assert hint.taken_at == expected


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)},
        {1: "N", 2: (200.0, 0.0, 0.0), 3: "E", 4: (9.0, 0.0, 0.0)},
        {1: "N", 2: (49.0, 8.0)},
        {2: (49.0, 8.0, 32.0), 4: (9.0, 13.0, 7.0)},
    ],
)
def test_a_senseless_place_is_left_out(gps: dict[int, object]) -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8825).update(gps)
    original = photo_samples.encoded(photo_samples.picture(), "JPEG", exif=tags.tobytes())
    assert inspected(original).hint is None


def test_south_and_west_are_negative() -> None:
    tags = Image.Exif()
    tags.get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0, 15.0, 0.0)})
    original = photo_samples.encoded(photo_samples.picture(), "JPEG", exif=tags.tobytes())
    hint = inspected(original).hint
    assert hint is not None
    assert (hint.lon, hint.lat) == (-70.25, -33.5)


def test_a_photo_without_hint_or_with_a_broken_one_is_a_photo_all_the_same() -> None:
    plain = photo_samples.encoded(photo_samples.picture(), "JPEG")
    broken = (
        plain[:2] + photo_samples.jpeg_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\x7f") + plain[2:]
    )

    assert inspected(plain).hint is None
    assert inspected(broken).hint is None


@given(st.binary(max_size=400), st.integers(0, 300), st.binary(min_size=1, max_size=8))
def test_no_exif_stops_the_header_check(noise: bytes, at: int, change: bytes) -> None:
    exif = photo_samples.exif().removeprefix(b"Exif\0\0")
    plain = photo_samples.encoded(photo_samples.picture(8, 8), "JPEG")
    for damaged in (b"II*\0" + noise, exif[:at] + change + exif[at + len(change) :], exif[:at]):
        segment = photo_samples.jpeg_segment(0xE1, b"Exif\0\0" + damaged)

        hint = inspected(plain[:2] + segment + plain[2:]).hint

        assert hint is None or hint.lon is None or abs(hint.lon) <= 180


# HEIC, where a city insists


def heic(width: int = 640, height: int = 480) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(photo_samples.picture(width, height)).save(
        file, quality=90, exif=photo_samples.exif()
    )
    return file.getvalue()


@pytest.fixture
def heic_allowed(settings: Any) -> Iterator[None]:
    settings.HEIC = True
    sandbox._stop_server()
    yield
    sandbox._stop_server()


def test_heic_is_refused_kindly_unless_it_is_switched_on() -> None:
    assert refusal(heic()) == "heic_not_accepted"
    facts = photos.inspect(io.BytesIO(heic()), heic=True)
    assert (facts.format, facts.width, facts.height) == ("HEIC", 640, 480)


def test_heic_is_decoded_by_the_same_child(heic_allowed: None) -> None:
    made = sandbox.derive(heic())

    seen = quarters(opened(made.files[0]))
    assert all(map(is_close, seen, (RED, GREEN, BLUE, WHITE)))
    assert CANARY_BYTES not in b"".join(file.data for file in made.files)
    sandbox.assert_allow_list()


def test_heic_is_not_decoded_unless_it_is_switched_on() -> None:
    assert undecodable(heic()).detail == "UnidentifiedImageError"


def test_broken_heic_ends_in_a_refusal(heic_allowed: None) -> None:
    whole = heic(200, 100)
    for cut in range(12, len(whole) - 1, len(whole) // 12):
        with suppress(PhotoRejected):
            photos.inspect(io.BytesIO(whole[:cut]), heic=True)
        assert undecodable(whole[:cut]).code in {"decode_failed", "crashed"}


# Hostile files


def test_only_the_three_formats_are_decoded() -> None:
    sandbox.assert_allow_list()


def test_the_start_up_check_notices_a_decoder_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    readable = photo_samples.encoded(photo_samples.picture(), "PNG")
    monkeypatch.setattr(sandbox, "FORBIDDEN_SAMPLES", {"something new": readable})
    with pytest.raises(SandboxUnavailable, match="something new"):
        sandbox.assert_allow_list()


@pytest.mark.parametrize(
    "kind", sorted(FORBIDDEN_SAMPLES.keys() - {"SVG", "HTML", "PDF", "ZIP", "HEIC"})
)
def test_the_forbidden_samples_would_open_without_the_list(kind: str) -> None:
    assert Image.open(io.BytesIO(FORBIDDEN_SAMPLES[kind])).size >= (1, 1)


@pytest.mark.parametrize("kind", sorted(photo_samples.disguised()))
def test_what_is_no_photo_is_refused_by_the_child_too(kind: str) -> None:
    failure = undecodable(photo_samples.disguised()[kind])
    assert (failure.code, failure.detail) == ("decode_failed", "UnidentifiedImageError")
    assert not failure.worth_retrying


@pytest.mark.parametrize("kind", sorted(photo_samples.polyglots()))
def test_of_a_polyglot_only_the_picture_is_left(kind: str) -> None:
    for file in sandbox.derive(photo_samples.polyglots()[kind]).files:
        assert CANARY_BYTES not in file.data
        assert photos.carries_only_pixels(file.data, file.format)


BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG of 900 megapixels": lambda: blank_png(30_000, 30_000),
    "PNG a row too large": lambda: blank_png(5000, 5001),
    "PNG of a million chunks": lambda: photo_samples.png_with_chunks(1_000_000),
    "PNG of much text": photo_samples.png_text_bomb,
    "PNG cut": lambda: photo_samples.encoded(photo_samples.picture(), "PNG")[:-200],
    "JPEG of 4 gigapixels": lambda: photo_samples.jpeg_of_size(65_535, 65_535),
    "JPEG a row too large": lambda: photo_samples.jpeg_of_size(8192, 6145),
    "JPEG of three million segments": lambda: photo_samples.jpeg_with_segments(3_000_000),
    "JPEG of 100 000 scans": lambda: photo_samples.jpeg_scan_bomb(100_000),
    "progressive JPEG of 50 megapixels, cut": lambda: photo_samples.jpeg_scan_bomb(5)[:-2],
    "JPEG cut": lambda: photo_samples.encoded(photo_samples.picture(), "JPEG")[:-900],
    "WebP of 268 megapixels": lambda: photo_samples.webp_of_size(16_383, 16_383),
    "WebP cut": lambda: photo_samples.encoded(photo_samples.picture(), "WEBP")[:-200],
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_for_little(kind: str) -> None:
    failure = undecodable(BOMBS[kind]())

    assert failure.code in {"too_many_pixels", "decode_failed"}
    assert failure.effort is not None
    assert failure.effort.cpu_seconds < 2
    assert failure.effort.peak_bytes < 256e6


def test_more_bytes_than_allowed_do_not_even_reach_a_child() -> None:
    failure = undecodable(bytes(photos.MAX_BYTES + 1))
    assert (failure.code, failure.effort) == ("decode_failed", None)


@pytest.mark.parametrize(
    "make",
    [photo_samples.png_data_bomb, partial(photo_samples.jpeg_scan_bomb, 20)],
    ids=["surplus pixel data", "many scans"],
)
def test_a_bomb_that_is_still_a_picture_stays_within_the_limits(make: Callable[[], bytes]) -> None:
    made = sandbox.derive(make())
    assert made.effort.cpu_seconds < 2
    assert made.effort.peak_bytes < 256e6


def test_damaged_files_end_in_a_picture_or_a_refusal() -> None:
    accepted = 0
    for name, data in photo_samples.damaged(seed=20260301, count=HOSTILE_PHOTOS):
        outcome = tried(data)
        if isinstance(outcome, PhotoUndecodable):
            assert outcome.code in {"decode_failed", "too_many_pixels"}, name
        else:
            accepted += 1
            assert not any(CANARY_BYTES in file.data for file in outcome.files), name
        assert outcome.effort is not None
        assert outcome.effort.cpu_seconds < 2, name
        assert outcome.effort.peak_bytes < 256e6, name
    assert 0 < accepted < HOSTILE_PHOTOS


# Limits


def test_too_little_memory_ends_the_child_only() -> None:
    failure = undecodable(blank_png(5000, 4000), limits=Limits(memory_bytes=90_000_000))

    assert failure.code == "memory"
    assert failure.worth_retrying
    assert sandbox.derive(photo_samples.encoded(photo_samples.picture(), "JPEG"))


def test_too_much_cpu_time_ends_the_child_only() -> None:
    original = photo_samples.encoded(photo_samples.picture(1600, 1200), "JPEG")

    failure = undecodable(original, sizes=range(1400, 1600, 2), limits=Limits(cpu_seconds=1))

    assert (failure.code, failure.detail) == ("timeout", "CpuTime")
    assert sandbox.derive(original)


def test_too_much_time_ends_the_child_and_its_server() -> None:
    original = photo_samples.encoded(photo_samples.picture(1600, 1200), "JPEG")
    sandbox.derive(original)
    assert sandbox._server is not None
    group = sandbox._server._process.pid

    failure = undecodable(original, limits=Limits(wall_seconds=0.02))

    assert (failure.code, failure.detail) == ("timeout", "WallClock")
    deadline = time.monotonic() + 5
    while alive_in_group(group):
        assert time.monotonic() < deadline
    assert sandbox.derive(original)


def alive_in_group(group: int) -> list[str]:
    """Processes of the group that are no zombies: whoever adopts those decides when they go."""
    stats = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            stats.append(stat.read_text().rpartition(")")[2].split())
    return [
        state for state, _parent, its_group, *_ in stats if its_group == str(group) and state != "Z"
    ]


def test_a_killed_server_is_replaced() -> None:
    original = photo_samples.encoded(photo_samples.picture(), "JPEG")
    sandbox.derive(original)
    assert sandbox._server is not None
    os.kill(sandbox._server._process.pid, signal.SIGKILL)
    sandbox._server._process.wait()

    assert sandbox.derive(original)


def test_a_child_that_cannot_be_confined_is_no_verdict_on_the_photo() -> None:
    original = photo_samples.encoded(photo_samples.picture(), "JPEG")
    with pytest.raises(SandboxUnavailable):
        sandbox.derive(original, limits=Limits(file_bytes=2**80))
    assert sandbox.derive(original)


def test_threads_take_turns() -> None:
    original = photo_samples.encoded(photo_samples.picture(), "JPEG")
    made: list[photos.Derivatives] = []
    threads = [
        threading.Thread(target=lambda: made.append(sandbox.derive(original))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.files for one in made}) == 1
    assert len(made) == 4


def test_a_forked_worker_starts_a_server_of_its_own() -> None:
    code = """
        import os
        from reports import sandbox
        sandbox.assert_allow_list()
        inherited = sandbox._server
        worker = os.fork()
        if worker == 0:
            try:
                sandbox.assert_allow_list()
                own = sandbox._server is not inherited
                sandbox._stop_server()
                os._exit(0 if own else 2)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
        sandbox.assert_allow_list()
        assert sandbox._server is inherited
    """
    assert run_python(code).returncode == 0


# Confinement


def test_the_server_has_no_environment_and_no_files_of_ours() -> None:
    sandbox.derive(photo_samples.encoded(photo_samples.picture(), "JPEG"))
    assert sandbox._server is not None
    process = Path("/proc") / str(sandbox._server._process.pid)

    assert process.joinpath("environ").read_bytes() == b""
    links = {fd.name: str(fd.readlink()) for fd in process.joinpath("fd").iterdir()}
    assert links.pop("0").startswith("socket:")
    assert set(links.values()) == {"/dev/null"}


@pytest.mark.parametrize("threads", [False, True])
def test_a_confined_process_can_do_nothing_but_compute(threads: bool) -> None:
    code = """
        import ctypes, json, mmap, os, signal, socket, subprocess
        from confinement.child import confine
        libc = ctypes.CDLL(None, use_errno=True)
        attempts = {
            "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
            "write": lambda: os.open("/tmp/anliegen-escape", os.O_WRONLY | os.O_CREAT),
            "list": lambda: os.listdir("/"),
            "inet": lambda: socket.socket(socket.AF_INET),
            "unix": lambda: socket.socket(socket.AF_UNIX),
            "fork": os.fork,
            "exec": lambda: os.execv("/bin/true", ["true"]),
            "kill": lambda: os.kill(os.getppid(), 0),
            "signal": lambda: signal.signal(signal.SIGXCPU, signal.SIG_IGN),
            "executable memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC),
            "limits": lambda: __import__("resource").setrlimit(7, (99, 99)),
        }
        confine({"cpu": 10, "core": 0, "nofile": 32}, threads=THREADS)
        outcome = {}
        for name, attempt in attempts.items():
            try:
                attempt()
                outcome[name] = "allowed"
            except (OSError, ValueError) as error:
                outcome[name] = type(error).__name__
        outcome["mprotect"] = libc.mprotect(ctypes.c_void_p(0), 4096, 4)
        bytearray(50_000_000)
        os.write(1, json.dumps(outcome).encode())
        os._exit(0)
    """
    done = run_python(code.replace("THREADS", str(threads)))

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome.pop("mprotect") == -1
    assert len(outcome) == 11
    assert set(outcome.values()) <= {"PermissionError", "ValueError"}, outcome


def test_the_server_leaves_the_network() -> None:
    sandbox.derive(photo_samples.encoded(photo_samples.picture(), "JPEG"))
    assert sandbox._server is not None
    theirs, ours = (
        Path(f"/proc/{process}/ns/net").readlink()
        for process in (sandbox._server._process.pid, "self")
    )
    if not may_unshare():
        pytest.skip("this system grants no network namespaces")
    assert theirs != ours


def may_unshare() -> bool:
    return (
        subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
    )


# What comes back is not trusted


def honest_answer() -> bytes:
    original = photo_samples.jpeg_full_of_canaries(photo_samples.picture(64, 48))
    manifest, blobs = photo_child.derive(original, (32, 16), [], dict(photos.MAX_PIXELS))  # type: ignore[arg-type]
    header = json.dumps(manifest).encode()
    return struct.pack(">I", len(header)) + header + b"".join(blobs)


def read(answer: bytes) -> photos.Derivatives:
    return sandbox._read_answer(answer, (32, 16), photos.Effort(0.1, 1))


@pytest.fixture(scope="module")
def answer() -> bytes:
    return honest_answer()


def altered(answer: bytes, **claims: object) -> bytes:
    (length,) = struct.unpack(">I", answer[:4])
    manifest = json.loads(answer[4 : 4 + length])
    header = json.dumps(manifest | claims).encode()
    return struct.pack(">I", len(header)) + header + answer[4 + length :]


def test_an_honest_answer_is_believed(answer: bytes) -> None:
    assert read(answer).width == 64


@pytest.mark.parametrize(
    "claims",
    [
        {"width": 0},
        {"width": 10**9},
        {"width": None},
        {"height": float("inf")},
        {"files": []},
        {"files": "none"},
        {"files": [1, 2]},
        {"refused": "all fine", "detail": ""},
        {"refused": []},
    ],
    ids=str,
)
def test_a_false_claim_is_a_crash(answer: bytes, claims: dict[str, object]) -> None:
    with pytest.raises(PhotoUndecodable) as failure:
        read(altered(answer, **claims))
    assert failure.value.code == "crashed"


def test_a_refusal_tells_a_name_and_nothing_else(answer: bytes) -> None:
    with pytest.raises(PhotoUndecodable) as failure:
        read(altered(answer, refused="decode_failed", detail="text from a\nphoto"))
    assert (failure.value.code, failure.value.detail) == ("decode_failed", "")


@given(data=st.data())
@settings(max_examples=200)
def test_an_altered_answer_is_refused_or_harmless(answer: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(answer) - 1))
    piece = data.draw(st.binary(max_size=8))
    changed = answer[:at] + piece + answer[at + len(piece) :]
    with suppress(PhotoUndecodable):
        made = read(changed)
        assert all(photos.carries_only_pixels(file.data, file.format) for file in made.files)


@pytest.mark.parametrize(
    ("exit_code", "code"),
    [
        (-signal.SIGSEGV, "crashed"),
        (-signal.SIGXCPU, "timeout"),
        (-signal.SIGKILL, "memory"),
        (1, "crashed"),
    ],
)
def test_the_way_a_child_ends_is_told_apart(exit_code: int, code: str) -> None:
    with pytest.raises(PhotoUndecodable) as failure:
        sandbox._confined_part(exit_code, b"+")
    assert failure.value.code == code
    assert failure.value.worth_retrying


def with_comment(jpeg: bytes) -> bytes:
    return jpeg[:2] + photo_samples.jpeg_segment(0xFE, b"hello") + jpeg[2:]


def foreign_files() -> Iterator[tuple[str, bytes]]:
    plain = photo_samples.encoded(photo_samples.picture(64, 48), "JPEG")
    yield "JPEG", with_comment(plain)
    yield "JPEG", plain + b"\0"
    yield "JPEG", plain[:-2]
    yield "JPEG", plain.replace(b"JFIF\0", b"JFXX\0", 1)
    yield "JPEG", photo_samples.jpeg_full_of_canaries()
    yield "JPEG", b"\xff\xd8"
    yield "WEBP", photo_samples.webp_full_of_canaries()
    yield "WEBP", photo_samples.encoded(photo_samples.picture(64, 48), "WEBP") + b"\0\0"
    yield "WEBP", b"RIFF"


@pytest.mark.parametrize(("image_format", "data"), list(foreign_files()), ids=range(9))
def test_more_than_pixels_is_noticed(image_format: photos.DerivativeFormat, data: bytes) -> None:
    assert not photos.carries_only_pixels(data, image_format)


def run_python(code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, check=False
    )
