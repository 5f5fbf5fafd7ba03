"""The program that decodes photos: a fork server, and one confined child for each photo.

reports.sandbox starts it as `python -I -S` with a socket as standard input; it imports the standard
library and Pillow only. The server never touches a photo: for each pair of pipes handed over, it
forks. The child gives up everything it will not need, says so with one byte, and only then reads:

    in:   length (4 bytes, big endian), request (JSON), the photo until end of input
    out:  READY, length (4 bytes, big endian), answer (JSON), the derivatives one after the other
"""

import io
import json
import math
import os
import re
import socket
import struct
import warnings
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, NoReturn

# TiffImagePlugin reads the orientation. All imports happen here: later no file can be opened.
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from confinement.child import confine, die_first, leave_network

READY = b"+"
READY_WITHOUT_NAMESPACE = b"-"
FORMATS: tuple[str, ...] = ("JPEG", "PNG", "WEBP")
# What Pillow calls a format and what we do.
OUR_NAMES = {"HEIF": "HEIC"}
WHITE = (255, 255, 255)

MAX_CHUNKS = 20_000
# 24 times over 50 megapixels; progressive cameras and editors use 6 to 18 scans.
MAX_SCANNED_PIXELS = 24 * 50_000_000
MOSAIC_CELLS = 6
# Shrinking spreads a pixel over three neighbours; one more for rounding.
MASK_MARGIN = 4

_REGISTERED_BY_IMPORT = (PngImagePlugin, TiffImagePlugin, WebPImagePlugin)


class Refused(Exception):
    """This photo gets no derivatives."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Box(NamedTuple):
    """Pixels from left/top up to, not including, right/bottom."""

    left: int
    top: int
    right: int
    bottom: int


def main(further_format: str) -> NoReturn:
    """Fork a child for each message on the control socket (order, two pipes) and tell its end:

    exit code (negative for a signal), CPU seconds, largest resident size in bytes.
    `further_format` is "heic" where that is accepted, else empty.
    """
    if further_format == "heic":
        allow_heic()
    has_namespace = leave_network()
    die_first()
    control = socket.socket(fileno=0)
    while True:
        order, pipes, _flags, _address = socket.recv_fds(control, 4096, 2)
        if not pipes:
            os._exit(0)
        child = os.fork()
        if child == 0:
            control.close()
            _decode_one(pipes[0], pipes[1], json.loads(order), has_namespace)
        for pipe in pipes:
            os.close(pipe)
        _, status, usage = os.wait4(child, 0)
        cpu_seconds = usage.ru_utime + usage.ru_stime
        ending = os.waitstatus_to_exitcode(status), cpu_seconds, usage.ru_maxrss * 1024
        control.sendall(struct.pack(">idq", *ending))


def allow_heic() -> None:
    """Let children decode HEIC, of each file the primary picture."""
    global FORMATS
    import pillow_heif  # noqa: PLC0415 - an extra that only this setting needs

    # Its decoder starts one thread whatever is asked; these children may (and no others).
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.register_heif_opener()
    FORMATS = (*FORMATS, "HEIF")


def _decode_one(source: int, sink: int, order: dict[str, Any], has_namespace: bool) -> NoReturn:
    """Live the whole life of a child; nothing of the server's Python code runs after it."""
    try:
        confine(order["limits"], threads=order["threads"])
        with open(source, "rb") as received, open(sink, "wb") as answer:
            answer.write(READY if has_namespace else READY_WITHOUT_NAMESPACE)
            answer.flush()
            manifest, blobs = _respond(*_read_request(received.read()))
            encoded = json.dumps(manifest, allow_nan=False).encode()
            answer.write(struct.pack(">I", len(encoded)) + encoded)
            answer.writelines(blobs)
        os._exit(0)
    finally:
        os._exit(1)


def _read_request(received: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = struct.unpack(">I", received[:4])
    return json.loads(received[4 : 4 + length]), received[4 + length :]


def _respond(request: dict[str, Any], original: bytes) -> tuple[dict[str, Any], list[bytes]]:
    try:
        return derive(original, request["sizes"], request["masks"], request["max_pixels"])
    except Refused as refused:
        return {"refused": refused.code, "detail": refused.detail}, []
    except MemoryError:
        return {"refused": "memory", "detail": "MemoryError"}, []
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "too_many_pixels", "detail": "DecompressionBomb"}, []
    except Exception as error:
        # Whatever a decoder stumbles over: no derivative. Only the type is told, not the content.
        return {"refused": "decode_failed", "detail": type(error).__name__}, []


# Derivatives


def derive(
    original: bytes,
    sizes: Sequence[int],
    masks: Sequence[Sequence[Any]],
    max_pixels: dict[str, int],
) -> tuple[dict[str, Any], list[bytes]]:
    """Make a WebP and a JPEG for each size, largest first; nothing is enlarged.

    Returns the manifest and the files in its order. Raises Refused, or whatever Pillow raises.
    """
    image = open_picture(original, max_pixels)
    full_size = image.size
    orientation = read_orientation(image)
    canvas = upright(paint(image, max(sizes)), orientation)
    if orientation >= 5:
        full_size = full_size[1], full_size[0]
    burn(canvas, masks, full_size)
    files: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for size in sorted(sizes, reverse=True):
        canvas = reduced(canvas, size)
        for image_format, blob in encode(canvas):
            files.append(
                {
                    "size": size,
                    "format": image_format,
                    "width": canvas.width,
                    "height": canvas.height,
                    "bytes": len(blob),
                }
            )
            blobs.append(blob)
    return {"width": full_size[0], "height": full_size[1], "files": files}, blobs


def open_picture(original: bytes, max_pixels: dict[str, int]) -> Image.Image:
    """Read the headers of one of the formats, refusing before any pixel is decoded."""
    Image.MAX_IMAGE_PIXELS = max(max_pixels.values())
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    # No further decoder is looked for, and a second picture inside a JPEG (MPO) is left alone.
    Image._initialized = 2
    Image.register_open("JPEG", JpegImagePlugin.JpegImageFile, _starts_like_jpeg)
    scans = count_scans(original)
    image = Image.open(io.BytesIO(original), formats=FORMATS)
    pixels = image.width * image.height
    if pixels > max_pixels[OUR_NAMES.get(str(image.format), str(image.format))]:
        raise Refused("too_many_pixels")
    if scans * pixels > MAX_SCANNED_PIXELS:
        raise Refused("decode_failed", "ScanBomb")
    return image


def _starts_like_jpeg(prefix: bytes) -> bool:
    return prefix.startswith(b"\xff\xd8\xff")


def count_scans(original: bytes) -> int:
    """How often a JPEG goes over its pixels; 0 for the other formats.

    Raises Refused for tens of thousands of chunks or segments, which parsers walk one by one.
    """
    if original.startswith(b"\x89PNG"):
        chunks, scans = sum(1 for _chunk in islice(_png_chunks(original), MAX_CHUNKS + 1)), 0
    elif original.startswith(b"\xff\xd8"):
        markers = list(islice(_jpeg_markers(original), MAX_CHUNKS + 1))
        chunks, scans = len(markers), markers.count(0xDA)
        if 0xC2 in markers and 0xD9 not in markers and chunks <= MAX_CHUNKS:
            # A progressive picture without end would fill its memory first and fail then.
            raise Refused("decode_failed", "Unfinished")
    else:
        return 0
    if chunks > MAX_CHUNKS:
        raise Refused("decode_failed", "ChunkBomb")
    return scans


def _png_chunks(original: bytes) -> Iterator[int]:
    at = 8
    while at + 12 <= len(original):
        yield at
        at += 12 + int.from_bytes(original[at : at + 4], "big")


# Within a scan, FF 00 is a data byte and FF D0 to D7 are restart marks; FF FF is filling.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")


def _jpeg_markers(original: bytes) -> Iterator[int]:
    """Yield the marker of each segment, up to the end of the (first) picture and with it."""
    at = 2
    while found := _MARKER.search(original, at):
        yield found[1][0]
        if found[1] == b"\xd9":
            return
        at = found.end() + int.from_bytes(original[found.end() : found.end() + 2], "big")


def paint(image: Image.Image, size: int) -> Image.Image:
    """Decode the first frame, reduced to `size`, into a new RGB picture; transparent is white."""
    if image.format == "JPEG":
        # Decoding at 1/2, 1/4 or 1/8: only an exact aspect makes draft() choose these.
        image.draft("RGB", fitting(image.size, size))
    image.load()
    solid = reduced(_without_palette(image), size)
    canvas = Image.new("RGB", solid.size, WHITE)
    canvas.paste(solid, (0, 0), solid if solid.mode == "RGBA" else None)
    return canvas


def _without_palette(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits of grey: converting would clip to white instead of scaling.
        return image.convert("I").point(lambda level: level / 256).convert("L").convert("RGB")
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def fitting(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size whose longer edge is at most `longest`, in the same aspect, never larger."""
    width, height = size
    factor = min(1.0, longest / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def reduced(image: Image.Image, size: int) -> Image.Image:
    """The image within `size`, unchanged if it fits already."""
    target = fitting(image.size, size)
    if target == image.size:
        return image
    return image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(canvas: Image.Image, orientation: int) -> Image.Image:
    """Turn and mirror as EXIF orientation (1 to 8) says."""
    return canvas.transpose(_TURNS[orientation]) if orientation in _TURNS else canvas


def encode(canvas: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Yield format and bytes; the canvas is ours and new, so it carries no metadata to write."""
    webp, jpeg = io.BytesIO(), io.BytesIO()
    canvas.save(webp, "WEBP", quality=80, method=4)
    yield "WEBP", webp.getvalue()
    canvas.save(jpeg, "JPEG", quality=82, optimize=True)
    yield "JPEG", jpeg.getvalue()


# Masks


def burn(canvas: Image.Image, masks: Sequence[Sequence[Any]], full_size: tuple[int, int]) -> None:
    """Overwrite the masked areas; their pixels are gone from the canvas and all that follows."""
    across, down = canvas.width / full_size[0], canvas.height / full_size[1]
    for shape, style, left, top, right, bottom in masks:
        box = Box(
            math.floor(left * across) - MASK_MARGIN,
            math.floor(top * down) - MASK_MARGIN,
            math.ceil(right * across) + MASK_MARGIN,
            math.ceil(bottom * down) + MASK_MARGIN,
        )
        seen = Box(
            max(0, box.left),
            max(0, box.top),
            min(canvas.width, box.right),
            min(canvas.height, box.bottom),
        )
        if seen.left >= seen.right or seen.top >= seen.bottom:
            # Coordinates meant for another picture: publishing it unmasked would be worse.
            raise Refused("mask_outside_picture")
        cover = _cover(canvas, seen, style)
        canvas.paste(cover, seen, _ellipse(box, seen) if shape == "ellipse" else None)


def _cover(canvas: Image.Image, box: Box, style: str) -> Image.Image:
    size = box.right - box.left, box.bottom - box.top
    if style != "pixelated":
        return Image.new("RGB", size)
    # At most 6 x 6 averages of 8 steps per colour are left of a face.
    cells = canvas.resize(fitting(size, MOSAIC_CELLS), Image.Resampling.BOX, box)
    return cells.point(lambda level: level & 0xE0 | 0x10).resize(size, Image.Resampling.NEAREST)


def _ellipse(box: Box, seen: Box) -> Image.Image:
    """A stencil of the visible part of the ellipse that fills `box`."""
    radius_x, radius_y = (box.right - box.left) / 2, (box.bottom - box.top) / 2
    centre_x, centre_y = box.left + radius_x, box.top + radius_y
    rows = []
    for y in range(seen.top, seen.bottom):
        height = (y + 0.5 - centre_y) / radius_y
        half = radius_x * math.sqrt(max(0.0, 1 - height * height))
        first = max(seen.left, math.floor(centre_x - half))
        last = min(seen.right, math.ceil(centre_x + half))
        inside = max(0, last - first)
        before = min(first, seen.right) - seen.left
        row = bytes(before) + b"\xff" * inside
        rows.append(row + bytes(seen.right - seen.left - len(row)))
    return Image.frombytes("L", (seen.right - seen.left, seen.bottom - seen.top), b"".join(rows))


# EXIF: only how the camera was held

_ORIENTATION = 0x0112


def read_orientation(image: Image.Image) -> int:
    """How the camera was held (1 to 8), 1 where nothing sensible is said."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        # Broken EXIF is common and harmless: the picture counts.
        return 1
    return orientation if orientation in range(1, 9) else 1
