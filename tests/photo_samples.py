"""Photos to test with: ordinary ones full of canaries, and hostile ones.

Every canary is a text that must never come out of the sandbox again.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms, PngImagePlugin

CANARY = "Kanarienvogel7f3a"
CANARY_BYTES = CANARY.encode()
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 60), (40, 60, 200), (250, 250, 250)
# Heilbronn, Kiliansplatz
LON, LAT = 9.218611, 49.142222
_GPS = {
    1: "N",
    2: (49.0, 8.0, 32.0),
    3: "E",
    4: (9.0, 13.0, 7.0),
    29: CANARY,
}
_UPRIGHT_TO_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """Four quarters: red and green above, blue and white below."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def stored_with_orientation(upright: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera held this way would store it."""
    turn = _UPRIGHT_TO_STORED[orientation]
    return upright if turn is None else upright.transpose(turn)


def encoded(image: Image.Image, image_format: str, **choices: object) -> bytes:
    """The bytes Pillow writes."""
    file = io.BytesIO()
    image.save(file, image_format, **choices)
    return file.getvalue()


def exif(
    orientation: int = 1, taken_at: str = "2026:03:01 12:30:00", offset: str | None = "+01:00"
) -> bytes:
    """EXIF with place, time, serial numbers, owner, maker note and a canary in each text."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = f"description {CANARY}"
    tags[0x010F] = f"make {CANARY}"
    tags[0x013B] = f"artist {CANARY}"
    tags[0x9C9C] = f"comment {CANARY}".encode("utf-16-le")
    details = tags.get_ifd(0x8769)
    details[0x9003] = taken_at
    if offset:
        details[0x9011] = offset
    details[0x927C] = b"maker note " + CANARY_BYTES
    details[0xA430] = f"owner {CANARY}"
    details[0xA431] = f"serial {CANARY}"
    tags.get_ifd(0x8825).update(_GPS)
    return tags.tobytes()


def xmp() -> bytes:
    """An XMP packet with a canary."""
    return (
        b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description '
        + f'photoshop:City="{CANARY}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'.encode()
    )


def colour_profile() -> bytes:
    """An ICC profile with a canary in its padding."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY_BYTES


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Marker, length, body."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_full_of_canaries(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """EXIF, XMP, ICC, IPTC, comments, an embedded thumbnail, and a film after the end."""
    plain = encoded(image or picture(), "JPEG", quality=85)
    thumbnail = encoded(picture(64, 48), "JPEG", comment=CANARY_BYTES)
    extra = (
        jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation).removeprefix(b"Exif\0\0"))
        + jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp())
        + jpeg_segment(0xE2, b"ICC_PROFILE\0\1\1" + colour_profile())
        + jpeg_segment(
            0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20" + CANARY_BYTES + bytes(15)
        )
        + jpeg_segment(0xEA, thumbnail)
        + jpeg_segment(0xFE, b"comment " + CANARY_BYTES)
    )
    return plain[:2] + extra + plain[2:] + b"\0\0\0\x18ftypmp42" + CANARY_BYTES


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Length, name, body, checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_full_of_canaries(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """Text in all three kinds, EXIF, ICC, a private chunk, and bytes after the end."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", CANARY)
    texts.add_text("Comment", CANARY, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp().decode())
    texts.add(b"prVt", CANARY_BYTES)
    return (
        encoded(
            image or picture(),
            "PNG",
            pnginfo=texts,
            exif=exif(orientation),
            icc_profile=colour_profile(),
        )
        + CANARY_BYTES
    )


def webp_full_of_canaries(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """EXIF, XMP, ICC, and bytes after the end."""
    return (
        encoded(
            image or picture(),
            "WEBP",
            quality=85,
            exif=exif(orientation),
            xmp=xmp(),
            icc_profile=colour_profile(),
        )
        + CANARY_BYTES
    )


def animated(image_format: str) -> bytes:
    """Three frames; the first one is red."""
    first, *others = (Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN, BLUE))
    return encoded(first, image_format, save_all=True, append_images=others, duration=100)


# Bombs


def blank_png(width: int, height: int) -> bytes:
    """A valid white PNG of any size in a few kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return _png(struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), png_chunk(b"IDAT", packed))


def png_with_chunks(count: int) -> bytes:
    """A small picture behind a crowd of empty private chunks."""
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return _png(
        struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), png_chunk(b"prVt", b"") * count + pixels
    )


def png_text_bomb(megabytes: int = 64) -> bytes:
    """A compressed text that unfolds to many megabytes."""
    text = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(megabytes * 1_000_000), 9))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return _png(struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), text + pixels)


def png_data_bomb(megabytes: int = 200) -> bytes:
    """One pixel announced, hundreds of megabytes of pixel data sent."""
    pixels = png_chunk(b"IDAT", zlib.compress(bytes(megabytes * 1_000_000), 9))
    return _png(struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), pixels)


def jpeg_of_size(width: int, height: int) -> bytes:
    """A JPEG that claims a size it does not have."""
    plain = bytearray(encoded(picture(64, 48), "JPEG"))
    at = plain.index(b"\xff\xc0")
    plain[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(plain)


def jpeg_with_segments(count: int) -> bytes:
    """A picture behind a crowd of empty comments."""
    plain = encoded(picture(64, 48), "JPEG")
    return plain[:2] + jpeg_segment(0xFE, b"") * count + plain[2:]


def jpeg_scan_bomb(scans: int, width: int = 8160, height: int = 6120) -> bytes:
    """A progressive JPEG that goes over all its (grey) pixels again and again for a few bytes."""
    blocks = -(-width // 8) * -(-height // 8)
    one_code = bytes([1]) + bytes(15)
    header = (
        jpeg_segment(0xDB, b"\0" + b"\1" * 64)
        + jpeg_segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
        + jpeg_segment(0xC4, b"\x00" + one_code + b"\x00")
        + jpeg_segment(0xC4, b"\x10" + one_code + b"\xe0")
    )
    first = jpeg_segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8))
    bits = "0" * 15 * -(-blocks // 16384)
    bits += "1" * (-len(bits) % 8)
    again = jpeg_segment(0xDA, b"\1\1\0\1\x3f\0") + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return b"\xff\xd8" + header + first + again * scans + b"\xff\xd9"


def webp_of_size(width: int, height: int) -> bytes:
    """A WebP whose extended header claims a size it does not have."""
    plain = bytearray(webp_full_of_canaries(picture(64, 48)))
    plain[24:27] = (width - 1).to_bytes(3, "little")
    plain[27:30] = (height - 1).to_bytes(3, "little")
    return bytes(plain)


def _png(header: bytes, chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + chunks + png_chunk(b"IEND", b"")


# Other things named .jpg


def disguised() -> dict[str, bytes]:
    """Files that are no photo of ours whatever they are called, by what they are."""
    small = picture(16, 12)
    return {
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + CANARY_BYTES + b") print\n",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
        "PHP": b"<?php system($_GET['c']); ?>",
        "MVG": b"push graphic-context\nfill 'url(https://example.com/a.jpg\"|ls \"-l)'\n",
        "ZIP": _zip(),
        "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n",
        "GIF": encoded(small.convert("P"), "GIF"),
        "GIF with script": b"GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//",
        "BMP": encoded(small, "BMP"),
        "TIFF": encoded(small, "TIFF"),
        "AVIF": encoded(small, "AVIF"),
        "HEIC": b"\0\0\0\x24ftypheic\0\0\0\0mif1heicmiaf" + bytes(64),
        "JPEG 2000": encoded(small, "JPEG2000"),
        "ICO": encoded(small, "ICO"),
        "PSD": b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\1\0\0\0\1\0\x08\0\3" + bytes(17),
        "MP4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64),
        "WAV": b"RIFF\x24\0\0\0WAVEfmt " + bytes(28),
        "ELF": b"\x7fELF\2\1\1" + bytes(57),
        "text": b"Das ist kein Foto.",
    }


def polyglots() -> dict[str, bytes]:
    """Valid pictures that are something else at the same time."""
    script = b"<script>" + CANARY_BYTES + b"</script>"
    jpeg = encoded(picture(64, 48), "JPEG")
    return {
        "JPEG and ZIP": jpeg + _zip(),
        "JPEG and HTML": jpeg[:2] + jpeg_segment(0xFE, b"--><html>" + script) + jpeg[2:],
        "JPEG and PHP": jpeg[:2] + jpeg_segment(0xE0, b"<?php " + CANARY_BYTES) + jpeg[2:],
        "PNG and HTML": encoded(picture(64, 48), "PNG") + script,
        "WebP and ZIP": encoded(picture(64, 48), "WEBP") + _zip(),
    }


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{CANARY}.txt", CANARY)
    return file.getvalue()


def damaged(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` small pictures, each broken in another way; the same ones for the same seed."""
    chance = random.Random(seed)
    wholes = [
        jpeg_full_of_canaries(picture(96, 64), orientation=6),
        encoded(picture(96, 64), "JPEG", progressive=True, subsampling=0),
        encoded(picture(96, 64).convert("CMYK"), "JPEG"),
        png_full_of_canaries(picture(96, 64)),
        encoded(picture(96, 64).convert("P"), "PNG", transparency=0),
        encoded(picture(96, 64).convert("RGBA"), "PNG"),
        webp_full_of_canaries(picture(96, 64)),
        encoded(picture(96, 64), "WEBP", lossless=True),
        animated("WEBP"),
        animated("PNG"),
    ]
    for number in range(count):
        whole = bytearray(chance.choice(wholes))
        damage = chance.choice([_flip, _overwrite, _cut, _remove, _repeat, _stretch_length])
        for _time in range(chance.randint(1, 4)):
            damage(whole, chance)
        yield f"{seed}-{number}-{damage.__name__}", bytes(whole)


def _flip(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    at, length = chance.randrange(len(data)), chance.randint(1, 16)
    data[at : at + length] = chance.choice(
        [bytes(length), b"\xff" * length, chance.randbytes(length)]
    )


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randint(1, len(data)) :]


def _remove(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.randint(1, 200)]
    data.extend(b"\0" * (not data))


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = data[at : at + chance.randint(1, 400)]


def _stretch_length(data: bytearray, chance: random.Random) -> None:
    """Put a huge or negative number where headers keep their lengths."""
    at = chance.randrange(min(len(data), 400))
    data[at : at + 4] = chance.choice(
        [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0"]
    )
