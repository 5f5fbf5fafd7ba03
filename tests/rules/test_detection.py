"""The detectors' child: it finds what it should, can do nothing else, and its word is checked."""

import json
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from detection import detect as detecting
from detection.detect import DetectionFailed, Limits, NoDetector, detect
from detection.registry import UnknownDetector, plugin
from tests import photo_samples

OURS = ["centerface", "plate_cascade", "plate_lines"]


def photo_with_plate(width: int = 1600, height: int = 1200) -> bytes:
    """A dark car with a plate drawn at 500, 600 to 820, 668, as JPEG."""
    image = Image.new("RGB", (width, height), (110, 130, 110))
    draw = ImageDraw.Draw(image)
    draw.rectangle((400, 500, 920, 760), fill=(60, 20, 20))
    draw.rectangle((500, 600, 820, 668), fill=(240, 240, 235), outline=(10, 10, 10), width=3)
    draw.rectangle((503, 603, 530, 665), fill=(20, 60, 160))
    font = ImageFont.load_default(size=56)
    draw.text((540, 600), "HN AB 1234", fill=(10, 10, 10), font=font, stroke_width=1)
    return photo_samples.encoded(image, "JPEG", quality=90)


def test_a_plate_is_found_where_it_is(settings: Any) -> None:
    settings.DETECTORS = OURS

    looked = detect(photo_with_plate())

    assert looked.kinds == ("face", "plate")
    assert len(looked.detectors) == 3
    plate = max((one for one in looked.proposals if one.kind == "plate"), key=lambda one: one.score)
    assert plate.left * 1600 < 545
    assert plate.right * 1600 > 815
    assert plate.top * 1200 < 612
    assert plate.bottom * 1200 > 655
    assert plate.bottom - plate.top < 0.15


def test_an_empty_street_has_neither(settings: Any) -> None:
    settings.DETECTORS = OURS
    street = photo_samples.encoded(Image.new("RGB", (800, 600), (120, 120, 120)), "JPEG")

    assert detect(street).proposals == ()


def test_a_detector_can_do_nothing_but_compute(settings: Any) -> None:
    settings.DETECTORS = ["tests.nosy_detector:Nosy"]

    looked = detect(photo_with_plate(400, 300))

    assert looked.detectors == ("nosy 1",)
    assert looked.proposals == ()


@pytest.mark.parametrize(
    ("detectors", "picture", "limits"),
    [
        (["tests.nosy_detector:Greedy"], photo_with_plate(400, 300), Limits()),
        (OURS, b"no picture", Limits()),
        (OURS, photo_samples.encoded(Image.new("RGB", (2001, 10)), "JPEG"), Limits()),
        (OURS, photo_samples.encoded(photo_samples.picture(), "PNG"), Limits()),
        (OURS, photo_with_plate(), Limits(wall_seconds=0.05)),
        (["tests.nosy_detector:Missing"], photo_with_plate(400, 300), Limits()),
    ],
    ids=["memory", "no picture", "too large", "not ours", "clock", "broken plug-in"],
)
def test_whatever_goes_wrong_in_the_child_is_one_failure(
    settings: Any, detectors: list[str], picture: bytes, limits: Limits
) -> None:
    settings.DETECTORS = detectors

    with pytest.raises(DetectionFailed):
        detect(picture, limits=limits)


@pytest.mark.parametrize("wanted", [[], ["not_installed_here.detectors:Find"]])
def test_without_a_detector_that_is_said(settings: Any, wanted: list[str]) -> None:
    settings.DETECTORS = wanted

    assert not detecting.is_possible()
    with pytest.raises(NoDetector):
        detect(b"")


@pytest.mark.parametrize("name", ["centreface", "a b:C", "module:", ":Class", "os;x:y"])
def test_a_detector_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(UnknownDetector):
        plugin(name)


AREA = ["face", "ellipse", 0.1, 0.1, 0.2, 0.2, 0.9, "x 1"]
ANSWER = {"proposals": [AREA], "detectors": ["x 1"], "kinds": ["face"], "cpu_seconds": 1.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"proposals": [[*AREA[:2], "0.1", *AREA[3:]]]},
        {"proposals": [["person", *AREA[1:]]]},
        {"proposals": [[*AREA[:1], "star", *AREA[2:]]]},
        {"proposals": [AREA[:5]]},
        {"proposals": 7},
        {"kinds": None},
    ],
)
def test_an_answer_that_makes_no_sense_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, settings: Any, wrong: dict[str, Any]
) -> None:
    settings.DETECTORS = ["tests.nosy_detector:Nosy"]
    answer = json.dumps(ANSWER | wrong).encode()
    monkeypatch.setattr(detecting, "_ask_child", lambda *_asked: answer)

    with pytest.raises(DetectionFailed):
        detect(b"")


def test_an_area_over_the_edge_is_cut_and_one_beside_the_picture_left_out() -> None:
    over = ["plate", "rectangle", -0.5, 0.5, 0.5, 1.5, 2.0, "x 1"]
    beside = ["plate", "rectangle", 1.2, 0.5, 1.5, 0.8, 0.5, "x 1"]

    looked = detecting._read_answer(ANSWER | {"proposals": [over, beside]})

    assert [tuple(one[2:7]) for one in looked.proposals] == [(0.0, 0.5, 0.5, 1.0, 1.0)]
