"""Faces and plates: found, covered, decided on by a person, and never seen by anybody else."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from detection.detect import DetectionFailed, Looked, NoDetector
from detection.proposals import Proposal
from reports import masks, photo_storage
from reports.actions import detect as detect_action
from reports.actions.derive_photo import derive_photo
from reports.actions.detect import detect_areas
from reports.actions.mask_photos import _covered_copies, _record, mask_photos
from reports.actions.moderate import moderate
from reports.actions.publish import publish_report
from reports.actions.set_masks import set_masks
from reports.actions.submit import Receipt
from reports.masks import MasksInvalid, PhotoMask
from reports.models import Detection, Effect, OriginalView, Photo, Publication, Report
from reports.published import PublishedPhoto
from reports.tasks import drain
from tests.people import Town, fresh
from tests.photo_samples import GREEN, RED

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
# The upper left quarter of tests.photo_samples.picture(), which is red.
FACE = PhotoMask("face", "rectangle", 0.1, 0.1, 0.4, 0.4)


@pytest.fixture
def case(heilbronn: Town, report: Submit) -> Receipt:
    """Heilbronn's tree with one photo, made safe but not searched."""
    receipt = report(heilbronn, "tree", photos=1)
    derive_photo(photo_of(receipt).pk)
    return receipt


def photo_of(receipt: Receipt) -> Photo:
    return Photo.objects.get(report=receipt.report)


def approve(receipt: Receipt, town: Town, decision: Publication = Publication.APPROVED) -> None:
    moderate(
        receipt.report.pk,
        decisions={"report": Publication.APPROVED, "photo_1": decision},
        by=town.people["mona"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
    )
    publish_report(receipt.report.pk, now=timezone.now())


def cover(receipt: Receipt, town: Town, *wanted: PhotoMask) -> None:
    set_masks(
        receipt.report.pk,
        1,
        wanted=wanted,
        by=town.people["mona"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
    )


def settle(receipt: Receipt) -> None:
    mask_photos(receipt.report.pk)
    publish_report(receipt.report.pk, now=timezone.now())


def public_pixels(*places: tuple[float, float]) -> list[tuple[int, int, int]]:
    row = PublishedPhoto.objects.get(size=800, format="jpeg")
    image = Image.open(io.BytesIO(photo_storage.read_derivative(row.name))).convert("RGB")
    seen = [image.getpixel((int(x * image.width), int(y * image.height))) for x, y in places]
    return [pixel for pixel in seen if isinstance(pixel, tuple)]


def is_like(seen: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 30 for one, other in zip(seen, wanted, strict=True))


def test_from_a_found_face_to_a_public_photo_without_it(
    heilbronn: Town, report: Submit, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DETECTORS = ["centerface"]
    monkeypatch.setattr(detect_action, "detect", found_in)
    receipt = report(heilbronn, "tree", photos=1)
    drain("media")  # makes it safe, searches it, covers it

    photo = photo_of(receipt)
    assert photo.detection == Detection.DONE
    assert [mask.state for mask in masks.read(photo.masks)] == ["proposed"]
    assert masks.is_current(photo)
    approve(receipt, heilbronn)

    covered, beside = public_pixels((0.25, 0.25), (0.75, 0.25))
    assert is_like(covered, (0, 0, 0))
    assert is_like(beside, GREEN)
    assert [mask.state for mask in masks.read(photo_of(receipt).masks)] == ["kept"]


def found_in(_picture: bytes) -> Looked:
    proposal = Proposal("face", "rectangle", 0.1, 0.1, 0.4, 0.4, 0.93, "centerface 1")
    return Looked((proposal,), ("centerface 1",), ("face",), 0.0)


def test_an_approved_photo_waits_for_the_search_and_for_its_masks(
    heilbronn: Town, case: Receipt
) -> None:
    Photo.objects.update(detection=Detection.WAITING)
    approve(case, heilbronn)
    assert not PublishedPhoto.objects.exists()

    cover(case, heilbronn, FACE)
    publish_report(case.report.pk, now=timezone.now())
    assert not PublishedPhoto.objects.exists()

    settle(case)
    assert is_like(public_pixels((0.25, 0.25))[0], (0, 0, 0))


def test_a_mask_added_later_takes_the_photo_out_until_it_is_covered(
    heilbronn: Town, case: Receipt
) -> None:
    approve(case, heilbronn)
    before = set(PublishedPhoto.objects.values_list("name", flat=True))
    assert is_like(public_pixels((0.25, 0.25))[0], RED)

    cover(case, heilbronn, FACE)
    publish_report(case.report.pk, now=timezone.now())
    assert not PublishedPhoto.objects.exists()
    assert not {name for name in before if photo_storage.is_stored("published_photos", name)}

    drain("media")
    drain("staff")
    assert is_like(public_pixels((0.25, 0.25))[0], (0, 0, 0))


def test_a_mask_taken_away_shows_what_was_below(heilbronn: Town, case: Receipt) -> None:
    cover(case, heilbronn, FACE)
    settle(case)
    approve(case, heilbronn)

    cover(case, heilbronn)
    settle(case)

    assert is_like(public_pixels((0.25, 0.25))[0], RED)


def test_copies_of_older_masks_never_count(heilbronn: Town, case: Receipt) -> None:
    cover(case, heilbronn, FACE)
    late = photo_of(case)
    cover(case, heilbronn, FACE, PhotoMask("plate", "rectangle", 0.6, 0.6, 0.8, 0.7))

    _record(late, _covered_copies(late, heilbronn.municipality))

    assert not masks.is_current(photo_of(case))


def test_without_the_original_masks_are_drawn_on_the_largest_copy(
    heilbronn: Town, case: Receipt
) -> None:
    forgotten = {"original_deleted_at": timezone.now(), "taken_at": None, "taken_place": None}
    Photo.objects.update(original_key="", **forgotten)
    cover(case, heilbronn, FACE)
    approve(case, heilbronn)
    settle(case)

    assert is_like(public_pixels((0.25, 0.25))[0], (0, 0, 0))


# Searching


def searched(case: Receipt, failure: Exception, *, last_try: bool = True) -> Photo:
    Photo.objects.update(detection=Detection.WAITING)
    photo = photo_of(case)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(detect_action, "detect", lambda _picture: raise_it(failure))
        detect_areas(photo.pk, last_try=last_try)
    return photo_of(case)


def raise_it(failure: Exception) -> Looked:
    raise failure


def test_a_search_that_fails_is_tried_again_and_then_said(case: Receipt) -> None:
    with pytest.raises(DetectionFailed):
        searched(case, DetectionFailed("exit -9"), last_try=False)
    assert photo_of(case).detection == Detection.WAITING

    assert searched(case, DetectionFailed("exit -9")).detection == Detection.FAILED


def test_where_nobody_searches_the_photo_is_ready_and_moderators_are_told(
    heilbronn: Town, case: Receipt
) -> None:
    photo = photo_of(case)
    assert photo.detection == Detection.NONE
    assert not Effect.objects.filter(kind=Effect.Kind.DETECT).exists()

    page = signed_in(heilbronn, "mona").get(case_url(case)).content.decode()
    assert "Niemand hat nach Gesichtern und Kennzeichen gesucht" in page


def test_a_detector_that_vanished_blocks_nothing(case: Receipt) -> None:
    assert searched(case, NoDetector()).detection == Detection.NONE


def test_what_a_person_decided_is_not_searched_again(heilbronn: Town, case: Receipt) -> None:
    Photo.objects.update(detection=Detection.WAITING)
    cover(case, heilbronn, FACE)

    detect_areas(photo_of(case).pk)

    assert len(photo_of(case).masks) == 1


# At the desk


def signed_in(town: Town, name: str) -> Client:
    browser = Client()
    browser.force_login(town.people[name])
    return browser


def case_url(case: Receipt) -> str:
    return reverse("staff_desk:case", args=[case.number])


def address(case: Receipt, name: str = "masks") -> str:
    return reverse(f"staff_desk:{name}", args=[case.number, 1])


def sent(case: Receipt, *rows: dict[str, str]) -> dict[str, str]:
    """What a browser without scripts sends; a row's `cover` is there where it is ticked."""
    body = {"version": str(fresh(case).version), "rows": str(len(rows))}
    for index, row in enumerate(rows):
        body |= {f"{name}_{index}": value for name, value in row.items()}
    return body


ROW = {"cover": "on", "kind": "face", "left": "10", "top": "10", "width": "30", "height": "30,0"}


def test_staff_see_the_covered_photo_and_the_other_by_a_logged_look(
    heilbronn: Town, case: Receipt
) -> None:
    cover(case, heilbronn, FACE)
    settle(case)
    clara, gero = signed_in(heilbronn, "mona"), signed_in(heilbronn, "gero")
    shown = reverse("staff_desk:photo", args=[case.number, 1, 800, "jpeg"])

    covered = Image.open(io.BytesIO(gero.get(shown).content)).convert("RGB")
    assert is_like(covered.getpixel((160, 120)), (0, 0, 0))  # type: ignore[arg-type]
    assert not OriginalView.objects.exists()

    bare = Image.open(io.BytesIO(clara.get(address(case, "unmasked")).content)).convert("RGB")
    assert is_like(bare.getpixel((160, 120)), RED)  # type: ignore[arg-type]
    look = OriginalView.objects.get()
    assert (look.viewer, look.kind) == (heilbronn.people["mona"], OriginalView.Kind.UNMASKED)


def test_masks_are_drawn_by_numbers_alone(heilbronn: Town, case: Receipt) -> None:
    mona = signed_in(heilbronn, "mona")

    page = mona.post(address(case), sent(case, ROW, {"kind": "face", "left": "", "top": ""}))

    assert page.status_code == 302
    (mask,) = masks.read(photo_of(case).masks)
    assert (mask.left, mask.top, mask.right, mask.bottom) == (0.1, 0.1, 0.4, 0.4)
    assert Effect.objects.filter(kind=Effect.Kind.MASK).count() == 1
    assert "verdeckt" in mona.get(case_url(case)).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"left": "viel"}, {"width": ""}, {"left": "99", "width": "0"}, {"top": "nan"}]
)
def test_numbers_that_are_no_area_come_back_with_a_word(
    heilbronn: Town, case: Receipt, wrong: dict[str, str]
) -> None:
    page = signed_in(heilbronn, "mona").post(address(case), sent(case, ROW | wrong))

    assert page.status_code == 422
    assert "in Prozent" in page.content.decode()
    assert f'value="{(ROW | wrong)["height"]}"' in page.content.decode()
    assert photo_of(case).masks == []


def test_a_proposal_is_taken_away_and_stays_known_as_a_mistake(
    heilbronn: Town, case: Receipt
) -> None:
    proposal = PhotoMask("face", "ellipse", 0.1, 0.1, 0.4, 0.4, "proposed", 0.9, "centerface 1")
    Photo.objects.update(masks=masks.written([proposal]), masks_version=1)
    row = {"kind": "face", "left": "10,0", "top": "10,0", "width": "30,0", "height": "30,0"}

    signed_in(heilbronn, "mona").post(address(case), sent(case, row))

    (mask,) = masks.read(photo_of(case).masks)
    assert (mask.state, mask.covers, mask.detector) == ("removed", False, "centerface 1")


def test_what_was_found_since_the_page_was_drawn_is_kept(heilbronn: Town, case: Receipt) -> None:
    body = sent(case)
    Photo.objects.update(masks=masks.written([FACE]), masks_version=1)

    signed_in(heilbronn, "mona").post(address(case), body)

    assert len(masks.read(photo_of(case).masks)) == 1


def test_an_outdated_page_is_refused_and_keeps_what_was_typed(
    heilbronn: Town, case: Receipt
) -> None:
    body = sent(case, ROW)
    cover(case, heilbronn, FACE)

    page = signed_in(heilbronn, "mona").post(address(case), body)

    assert page.status_code == 409
    assert 'value="30,0"' in page.content.decode()


def test_no_more_masks_than_anybody_needs(heilbronn: Town, case: Receipt) -> None:
    with pytest.raises(MasksInvalid):
        cover(case, heilbronn, *[FACE] * (masks.MOST + 1))


def test_an_original_that_does_not_open_is_explained(
    heilbronn: Town, case: Receipt, settings: Any
) -> None:
    settings.SEAL_KEYS = {"other": b"x" * 32}

    page = signed_in(heilbronn, "mona").post(address(case, "original"))

    assert page.status_code == 410
    assert "lässt sich nicht öffnen" in page.content.decode()
    assert OriginalView.objects.count() == 1
    assert Report.objects.count() == 1
