"""Photos ahead of their report: resumed at any byte, used once, forgotten in time (tus 1.0.0)."""

import base64
import hashlib
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import photo_storage
from reports.actions import receive_upload
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.sweep_files import sweep_files
from reports.models import Photo, Report
from reports.photos import MAX_BYTES
from reports.queries.reconcile import reconcile
from reports.uploads import Upload
from tests.api.client import POTHOLE, Phone, new_key, plain_jpeg
from tests.people import Town

pytestmark = pytest.mark.django_db
BODY_TYPE = "application/offset+octet-stream"
BEGIN = "/api/v1/uploads"


class Tus:
    """A tus client of few words."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(headers={"Tus-Resumable": "1.0.0"} | headers)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: Any) -> Any:
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        kind = named.pop("Content-Type", BODY_TYPE if body else "")
        return self.client.generic(method, path, body, content_type=kind, headers=named)

    def begin(self, length: int, body: bytes = b"", **headers: Any) -> str:
        answer = self.ask("POST", BEGIN, body, Upload_Length=length, **headers)
        assert answer.status_code == 201, answer.content
        return urlsplit(answer.headers["Location"]).path

    def send(self, path: str, offset: int, body: bytes, **headers: Any) -> Any:
        return self.ask(
            "PATCH", path, body, Upload_Offset=offset, Content_Type=BODY_TYPE, **headers
        )

    def offset(self, path: str) -> int:
        return int(self.ask("HEAD", path).headers["Upload-Offset"])

    def upload(self, content: bytes) -> str:
        """The token of a whole upload."""
        return self.begin(len(content), content).rpartition("/")[2]


def stored(path: str) -> bytes:
    upload = receive_upload.find_upload(path.rpartition("/")[2])
    assert upload is not None
    return b"".join(receive_upload.read_pieces(upload))


def sealed_files() -> int:
    return sum(1 for _name in photo_storage.stored_names("sealed"))


# The protocol


def test_what_is_spoken_is_told_without_asking_for_a_version(db: None) -> None:
    answer = Client().options(BEGIN)

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(MAX_BYTES)
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        *("creation", "creation-with-upload", "expiration", "termination", "checksum")
    }
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")
    assert "Upload-Offset" in answer.headers["Access-Control-Allow-Headers"]
    assert "Upload-Offset" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
@pytest.mark.parametrize(("method", "path"), [("POST", BEGIN), ("HEAD", f"{BEGIN}/{'A' * 32}")])
def test_another_version_is_refused_and_nothing_happens(
    method: str, path: str, version: str
) -> None:
    answer = Client().generic(
        method, path, headers={"Tus-Resumable": version, "Upload-Length": "1"}
    )

    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert not Upload.objects.exists()


def test_a_photo_goes_up_in_parts_and_every_answer_says_how_far(db: None) -> None:
    tus, content = Tus(), b"0123456789"
    path = tus.begin(10, Upload_Metadata="filename Zm90by5qcGc=,is_night")

    first = tus.send(path, 0, content[:4])
    asked = tus.ask("HEAD", path)
    second = tus.send(path, 4, content[4:])

    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "4")
    assert asked.status_code == 200
    assert asked.headers["Upload-Offset"] == "4"
    assert asked.headers["Upload-Length"] == "10"
    assert asked.headers["Upload-Metadata"] == "filename Zm90by5qcGc=,is_night"
    assert asked.headers["Cache-Control"] == "no-store"
    assert (second.status_code, second.headers["Upload-Offset"]) == (204, "10")
    for answer in (first, asked, second):
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.content == b""
    assert re.search(r"\d{2}:\d{2}:\d{2} GMT$", second.headers["Upload-Expires"])
    assert stored(path) == content


def test_the_first_part_may_come_with_the_creation(db: None) -> None:
    answer = Tus().ask("POST", BEGIN, b"abc", Upload_Length=5)

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "3")


def test_the_address_is_unguessable_and_stored_nowhere(db: None) -> None:
    token = Tus().begin(3).rpartition("/")[2]

    row = Upload.objects.values().get()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert token not in str(row)
    assert "127.0.0.1" not in str(row)


@pytest.mark.parametrize(
    ("headers", "status", "fault"),
    [
        ({}, 400, "required"),
        ({"Upload_Length": "-1"}, 400, "invalid"),
        ({"Upload_Length": "1.5"}, 400, "invalid"),
        ({"Upload_Length": "9" * 30}, 400, "invalid"),
        ({"Upload_Defer_Length": "1"}, 400, "required"),
        ({"Upload_Length": str(MAX_BYTES + 1)}, 413, None),
        ({"Upload_Length": "5", "Upload_Metadata": "name nicht-base64!"}, 400, "invalid"),
        ({"Upload_Length": "5", "Upload_Metadata": "a YQ==,a YQ=="}, 400, "invalid"),
        ({"Upload_Length": "5", "Upload_Metadata": "a " + "YQ==" * 400}, 400, "max_length"),
    ],
)
def test_a_beginning_that_makes_no_sense_is_refused(
    headers: dict[str, str], status: int, fault: str | None
) -> None:
    answer = Tus().ask("POST", BEGIN, **headers)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert [each["code"] for each in answer.json()["errors"]] == ([fault] if fault else [])
    assert not Upload.objects.exists()


def test_a_part_at_the_wrong_place_or_of_the_wrong_kind_changes_nothing(db: None) -> None:
    tus = Tus()
    path = tus.begin(10, b"abcd")

    behind, ahead = tus.send(path, 0, b"abcd"), tus.send(path, 9, b"x")
    other_type = tus.ask("PATCH", path, b"ef", Upload_Offset=4, Content_Type="image/jpeg")
    packed = tus.send(path, 4, b"ef", Content_Encoding="gzip")
    nowhere = tus.ask("PATCH", path, b"ef", Content_Type=BODY_TYPE)
    too_long = tus.send(path, 4, b"x" * 7)
    unknown = tus.send(f"{BEGIN}/{'B' * 32}", 0, b"x")

    assert (behind.status_code, ahead.status_code) == (409, 409)
    assert behind.headers["Upload-Offset"] == "4"
    assert (other_type.status_code, packed.status_code) == (415, 415)
    assert nowhere.status_code == 400
    assert too_long.status_code == 413
    assert unknown.status_code == 404
    assert stored(path) == b"abcd"


def test_a_checksum_decides_over_the_whole_part(db: None) -> None:
    tus, part = Tus(), b"abcd"
    path = tus.begin(8)

    def check(algorithm: str, content: bytes) -> str:
        digest = hashlib.new(algorithm, content).digest()
        return f"{algorithm} {base64.b64encode(digest).decode()}"

    wrong = tus.send(path, 0, part, Upload_Checksum=check("sha1", b"abce"))
    unknown = tus.send(path, 0, part, Upload_Checksum=check("md5", part))
    garbled = tus.send(path, 0, part, Upload_Checksum="sha1 x")
    right = tus.send(path, 0, part, Upload_Checksum=check("sha1", part))
    better = tus.send(path, 4, part, Upload_Checksum=check("sha256", part))

    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum_wrong")
    assert (unknown.status_code, garbled.status_code) == (400, 400)
    assert (right.status_code, better.status_code) == (204, 204)
    assert stored(path) == part * 2


def test_an_upload_can_be_broken_off(db: None) -> None:
    tus, before = Tus(), sealed_files()
    path = tus.begin(4, b"ab")

    assert tus.ask("DELETE", path).status_code == 204
    assert tus.ask("HEAD", path).status_code == 404
    assert tus.ask("DELETE", path).status_code == 404
    assert sealed_files() == before


def test_clients_that_know_post_only_name_the_method_in_a_header(db: None) -> None:
    tus = Tus()
    path = tus.begin(4)

    sent = tus.ask(
        "POST",
        path,
        b"abcd",
        Upload_Offset=0,
        Content_Type=BODY_TYPE,
        X_HTTP_Method_Override="PATCH",
    )

    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "4")


def test_an_upload_is_never_read_back(db: None) -> None:
    tus = Tus()
    path = tus.begin(3, b"abc")

    assert tus.ask("GET", path).status_code == 405


# Cut off


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_cut_at_any_byte_the_rest_completes_the_same_photo(data: st.DataObject) -> None:
    content = b"".join(n.to_bytes(4, "big") for n in range(300_000))  # 1.2 MB, so three pieces
    tus = Tus()
    path = tus.begin(len(content))
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=4).map(sorted))

    for cut in [*cuts, len(content)]:
        offset = tus.offset(path)
        arrived = min(cut, len(content)) - offset
        answer = tus.client.generic(
            "PATCH",
            path,
            headers={"Upload-Offset": str(offset)},
            **{
                "CONTENT_TYPE": BODY_TYPE,
                "CONTENT_LENGTH": str(len(content) - offset),  # promised in full, cut short
                "wsgi.input": BytesIO(content[offset : offset + arrived]),
            },
        )
        assert answer.status_code == 204, answer.content

    assert tus.offset(path) == len(content)
    assert stored(path) == content


def test_a_connection_that_breaks_counts_as_far_as_it_came(db: None) -> None:
    class Breaking(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 600_000:
                raise ConnectionResetError
            return super().read(size)

    tus = Tus()
    path = tus.begin(1_000_000)
    answer = tus.client.generic(
        "PATCH",
        path,
        headers={"Upload-Offset": "0"},
        **{
            "CONTENT_TYPE": BODY_TYPE,
            "CONTENT_LENGTH": "1000000",
            "wsgi.input": Breaking(b"x" * 1_000_000),
        },
    )

    assert answer.status_code == 204, answer.content

    assert tus.offset(path) >= 600_000
    assert stored(path) == b"x" * tus.offset(path)


def test_twins_that_send_the_same_part_do_not_double_it(db: None) -> None:
    content = bytes(range(256)) * 5000
    path = Tus().begin(len(content))
    answers: list[Any] = []

    def send() -> None:
        try:
            answers.append(Tus().send(path, 0, content).status_code)
        finally:
            connections.close_all()

    twins = [threading.Thread(target=send) for _each in range(6)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()

    assert answers.count(204) >= 1
    assert set(answers) <= {204, 409}
    assert stored(path) == content


def test_many_tiny_parts_leave_few_files(db: None) -> None:
    tus, before = Tus(), sealed_files()
    path = tus.begin(40)
    for at in range(40):
        tus.send(path, at, b"x")

    assert sealed_files() == before + 1


# Used by a report


def test_a_report_takes_its_photos_from_uploads(heilbronn: Town, phone: Phone) -> None:
    tus = Tus()
    photo, other = plain_jpeg(), plain_jpeg(seed=3)
    tokens = [tus.upload(photo), tus.upload(b"%PDF-1.4"), tus.upload(other)]

    answer = phone.send(POTHOLE | {"uploads": tokens})

    assert answer.status_code == 201, answer.content
    verdicts = answer.json()["photos"]
    assert [each["state"] for each in verdicts] == ["accepted", "refused", "accepted"]
    kept = Photo.objects.order_by("ordinal")
    assert [each.original_sha256 for each in kept] == [
        hashlib.sha256(photo).hexdigest(),
        hashlib.sha256(other).hexdigest(),
    ]
    assert list(Upload.objects.values_list("pieces", "metadata")) == [([], "")] * 3
    assert tus.ask("HEAD", f"{BEGIN}/{tokens[0]}").status_code == 410


def test_the_whole_address_names_an_upload_too(heilbronn: Town, phone: Phone) -> None:
    path = Tus().begin(len(plain_jpeg()), plain_jpeg())

    answer = phone.send(POTHOLE | {"description": "", "uploads": [f"http://testserver{path}"]})

    assert answer.status_code == 201


def test_uploads_come_behind_the_photos_of_the_same_request(heilbronn: Town, phone: Phone) -> None:
    token = Tus().upload(plain_jpeg(seed=5))

    answer = phone.send_with_photos([plain_jpeg()], POTHOLE | {"uploads": [token]})

    assert [each["ordinal"] for each in answer.json()["photos"]] == [1, 2]
    assert Photo.objects.count() == 2


def test_an_upload_is_used_once_and_a_repeated_request_gets_its_answer(
    heilbronn: Town, phone: Phone
) -> None:
    token, key = Tus().upload(plain_jpeg()), new_key()

    first = phone.send(POTHOLE | {"uploads": [token]}, key=key)
    replay = phone.send(POTHOLE | {"uploads": [token]}, key=key)
    stolen = phone.send(POTHOLE | {"uploads": [token]}, key=new_key())
    changed = phone.send(POTHOLE, key=key)

    assert replay.content == first.content
    assert replay.headers["Idempotency-Replayed"] == "true"
    assert stolen.status_code == 422
    assert stolen.json()["errors"] == [
        {
            "pointer": "#/uploads/0",
            "code": "upload_used",
            "detail": "Dieser Upload gehört schon zu einer Meldung.",
            "detail_en": "This upload already belongs to a report.",
        }
    ]
    assert changed.json()["code"] == "idempotency_key_reused"
    assert Report.objects.count() == 1


def test_uploads_that_are_missing_or_unfinished_are_named(heilbronn: Town, phone: Phone) -> None:
    tus = Tus()
    half = tus.begin(10, b"abc").rpartition("/")[2]
    whole = tus.upload(plain_jpeg())

    answer = phone.send(POTHOLE | {"uploads": ["C" * 32, half, whole, whole]})
    nonsense = phone.send(POTHOLE | {"uploads": ["../../etc/passwd", 7]})
    many = phone.send(POTHOLE | {"uploads": ["C" * 32] * 6})

    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("#/uploads/0", "upload_unknown"),
        ("#/uploads/1", "upload_incomplete"),
        ("#/uploads/3", "upload_repeated"),
    ]
    assert nonsense.status_code == many.status_code == 400
    assert not Report.objects.exists()
    assert phone.send(POTHOLE | {"uploads": [whole]}).status_code == 201


def test_phones_that_race_for_an_upload_make_one_report(heilbronn: Town) -> None:
    token, key = Tus().upload(plain_jpeg()), new_key()
    same: list[Any] = []
    other: list[Any] = []

    def send(answers: list[Any], key: str) -> None:
        try:
            answers.append(Phone().send(POTHOLE | {"uploads": [token]}, key=key))
        finally:
            connections.close_all()

    races = [(same, key)] * 4 + [(other, new_key()) for _each in range(2)]
    threads = [threading.Thread(target=send, args=race) for race in races]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Report.objects.count() == Photo.objects.count() == 1
    assert {answer.status_code for answer in same + other} <= {201, 422}
    accepted = {answer.content for answer in same + other if answer.status_code == 201}
    assert len(accepted) == 1


# Bounds and forgetting


def test_one_sender_cannot_fill_the_house(db: None, settings: Any) -> None:
    settings.UPLOADS_OF_ONE, settings.UPLOAD_BYTES_OF_ONE = 2, 100
    tus = Tus()
    tus.begin(40), tus.begin(50)

    one_more = tus.ask("POST", BEGIN, Upload_Length=1)
    settings.UPLOADS_OF_ONE = 9
    too_big = tus.ask("POST", BEGIN, Upload_Length=11)
    fits = tus.ask("POST", BEGIN, Upload_Length=10)

    assert (one_more.status_code, too_big.status_code) == (429, 429)
    assert one_more.json()["code"] == "too_many_uploads"
    assert int(one_more.headers["Retry-After"]) > 0
    assert fits.status_code == 201


def test_a_full_disk_refuses_photos_and_takes_texts(
    heilbronn: Town, phone: Phone, settings: Any
) -> None:
    settings.PHOTO_DISK_RESERVE = 1 << 60

    photo = Tus().ask("POST", BEGIN, Upload_Length=10)
    multipart = phone.send_with_photos([plain_jpeg()])
    text = phone.send()

    assert (photo.status_code, photo.json()["code"]) == (507, "storage_full")
    assert (multipart.status_code, multipart.json()["code"]) == (507, "storage_full")
    assert text.status_code == 201


def test_uploads_are_gone_after_their_time(db: None) -> None:
    tus, before = Tus(), sealed_files()
    path = tus.begin(10, b"abc")
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    late = tus.send(path, 3, b"d")
    counts = forget_what_is_due(now=timezone.now())

    assert (late.status_code, late.json()["code"]) == (410, "upload_gone")
    assert counts["uploads"] == 1
    assert tus.ask("HEAD", path).status_code == 404
    assert sealed_files() == before


def test_the_sweep_knows_pieces_from_orphans(db: None) -> None:
    path = Tus().begin(10, b"abc")
    later = timezone.now() + timedelta(days=2)

    sweep_files(now=later, whatever_the_share=True)
    unnamed = {each.name: each.count for each in reconcile(now=later)}

    assert stored(path) == b"abc"
    assert unnamed["files_without_row_sealed"] == 0
    assert unnamed["rows_without_file_sealed"] == 0


def test_the_number_of_queries_is_fixed(
    heilbronn: Town, phone: Phone, django_assert_num_queries: Callable[..., Any]
) -> None:
    tus, photo = Tus(), plain_jpeg()
    phone.send()

    with django_assert_num_queries(7):
        path = tus.begin(len(photo))
    with django_assert_num_queries(2):
        tus.offset(path)
    with django_assert_num_queries(3):
        tus.send(path, 0, photo)
    with django_assert_num_queries(5):
        tus.ask("DELETE", path)
