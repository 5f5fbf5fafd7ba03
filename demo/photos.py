"""Illustrative photos for the demo: drawn, never taken, and wrapped like a phone's JPEG."""

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from demo import greenery, subjects
from demo.stage import BRIGHT, CLEAR, DAYLIGHT, DUSK, OVERCAST, Light, Stage, draw_park, draw_street

SUBJECTS: dict[str, Callable[[Stage], None]] = {
    "pothole": subjects.draw_pothole,
    "pavement": subjects.draw_pavement,
    "drain": subjects.draw_drain,
    "marking": subjects.draw_marking,
    "lamp": subjects.draw_dark_street,
    "bin": subjects.draw_bin,
    "graffiti": subjects.draw_graffiti,
    "sign": subjects.draw_sign,
    "signal": subjects.draw_signal,
    "rubbish": subjects.draw_rubbish,
    "car": subjects.draw_car,
    "water": subjects.draw_water,
    "shelter": subjects.draw_shelter,
    "tree": greenery.draw_fallen_branch,
    "hedge": greenery.draw_hedge,
    "bench": greenery.draw_bench,
    "playground": greenery.draw_playground,
    "river": greenery.draw_river,
    "generic": subjects.draw_barrier,
}
KINDS = tuple(SUBJECTS)
PARK_KINDS = frozenset({"bench", "playground", "river"})
# Where the viewer stands (x in metres): on the carriageway for these, on the pavement otherwise.
ROAD_VIEW = {
    "pothole": -0.9,
    "water": -0.8,
    "drain": 0.1,
    "marking": -2.4,
    "car": 0.4,
    "bench": 0.9,
    "playground": 1.2,
    "river": 0.6,
}
PAVEMENT_VIEW = 2.1
GROUND_KINDS = frozenset({"pothole", "pavement", "drain", "marking"})
JPEG_QUALITY = 85
# A number no maker gives; finding it in a published file proves that metadata leaked.
SERIAL = "DEMO-SERIAL-4711-0815"
OWNER = "Demo-Kamera von Frieda Beispiel"


def draw_scene(kind: str, seed: int, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """Draw a street or park scene with the defect named by `kind`.

    The same kind, seed and size (pixels) give the same scene apart from its grain; unknown kinds
    draw the generic one.
    """
    known = kind if kind in SUBJECTS else "generic"
    rng = random.Random(f"{known}-{seed}")  # noqa: S311 - a drawing, not a secret
    stage = Stage(
        size,
        rng,
        _light_for(known, rng),
        horizon=rng.uniform(0.22, 0.3) if known in GROUND_KINDS else rng.uniform(0.36, 0.44),
        eye_x=ROAD_VIEW.get(known, PAVEMENT_VIEW) + rng.uniform(-0.3, 0.3),
    )
    if known in PARK_KINDS:
        draw_park(stage)
    else:
        draw_street(stage)
    SUBJECTS[known](stage)
    return stage.developed()


def _light_for(kind: str, rng: random.Random) -> Light:
    if kind == "lamp" and rng.random() < 0.75:
        return DUSK
    if kind in {"water", "drain"}:
        return rng.choice((OVERCAST, *DAYLIGHT))
    if kind == "river":
        return rng.choice((CLEAR, BRIGHT, OVERCAST))
    return rng.choice(DAYLIGHT)


def as_phone_jpeg(
    image: Image.Image,
    *,
    lon: float,
    lat: float,
    taken_at: datetime,
    make: str = "Demo",
    model: str = "Phone",
) -> bytes:
    """Encode the image as a phone would: JPEG with GPS, serial number, owner, maker note and XMP.

    `lon` and `lat` are degrees (WGS 84), `taken_at` is aware. About every third picture is stored
    turned with orientation 6 (Exif 2.32, tag 0x0112), chosen by place and time so that the same
    call gives the same bytes.
    """
    turned = (round(abs(lon) * 1e5) + round(abs(lat) * 1e5) + taken_at.minute) % 3 == 0
    stored = image.convert("RGB")
    if turned:
        stored = stored.transpose(Image.Transpose.ROTATE_90)
    exif = _camera_tags(image, taken_at, make, model, 6 if turned else 1)
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(_gps_tags(lon, lat, taken_at))
    out = io.BytesIO()
    stored.save(out, "JPEG", quality=JPEG_QUALITY, exif=exif, xmp=_xmp(lon, lat),
                comment=OWNER.encode())  # fmt: skip
    return out.getvalue()


def _camera_tags(
    image: Image.Image, taken_at: datetime, make: str, model: str, orientation: int
) -> Image.Exif:
    exif = Image.Exif()
    stamp = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif[ExifTags.Base.Make] = make
    exif[ExifTags.Base.Model] = model
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Software] = "Demo Camera 1.0"
    exif[ExifTags.Base.DateTime] = stamp
    exif[ExifTags.Base.Artist] = OWNER
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = stamp
    details[ExifTags.Base.OffsetTimeOriginal] = taken_at.strftime("%z")[:3] + ":00"
    details[ExifTags.Base.CameraOwnerName] = OWNER
    details[ExifTags.Base.BodySerialNumber] = SERIAL
    details[ExifTags.Base.LensModel] = "Demo 26 mm f/1.8"
    details[ExifTags.Base.MakerNote] = _maker_note(image)
    return exif


def _maker_note(image: Image.Image) -> bytes:
    """A tiny upright copy of the picture, as makers hide it: it must not survive either."""
    small = image.convert("RGB").resize((120, 90))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=60)
    return b"DEMOMAKERNOTE" + SERIAL.encode() + out.getvalue()


def _gps_tags(lon: float, lat: float, taken_at: datetime) -> dict[int, object]:
    moment = taken_at.astimezone(UTC)
    return {
        ExifTags.GPS.GPSVersionID: b"\x02\x03\x00\x00",
        ExifTags.GPS.GPSLatitudeRef: "N" if lat >= 0 else "S",
        ExifTags.GPS.GPSLatitude: _sexagesimal(lat),
        ExifTags.GPS.GPSLongitudeRef: "E" if lon >= 0 else "W",
        ExifTags.GPS.GPSLongitude: _sexagesimal(lon),
        ExifTags.GPS.GPSTimeStamp: (
            IFDRational(moment.hour), IFDRational(moment.minute), IFDRational(moment.second),
        ),
        ExifTags.GPS.GPSDateStamp: moment.strftime("%Y:%m:%d"),
    }  # fmt: skip


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return degrees, minutes and seconds (to a thousandth) as Exif writes an angle."""
    seconds = Fraction(round(abs(degrees) * 3_600_000), 1000)
    whole, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return (
        IFDRational(int(whole)),
        IFDRational(int(minutes)),
        IFDRational(left.numerator, left.denominator),
    )


def _xmp(lon: float, lat: float) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        f'exif:GPSLatitude="{lat:.6f}" exif:GPSLongitude="{lon:.6f}"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def phone_photo(
    kind: str, seed: int, size: tuple[int, int], lon: float, lat: float, taken_at: datetime
) -> bytes:
    """A drawn scene as the phone would send it; one call, so that other processes can do it."""
    return as_phone_jpeg(draw_scene(kind, seed, size), lon=lon, lat=lat, taken_at=taken_at)
