"""Photos in object storage keep the promises they have on the disk; asked of a real S3 server."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone

from efile.targets import NotDelivered, Target, deliver
from reports import photo_storage
from reports.actions.moderate import moderate
from reports.actions.submit import Receipt
from reports.actions.sweep_files import sweep_files
from reports.actions.withdraw import withdraw
from reports.models import Photo, Publication
from reports.object_storage import ObjectStorageFailed
from reports.photo_storage import STORES
from reports.published import PublishedPhoto
from reports.queries.reconcile import reconcile
from reports.tasks import drain
from tests.people import Town, fresh
from tests.processes import eventually

BUCKET = "anliegen"
KEYS = {"region_name": "eu-central-1", "access_key": "test", "secret_key": "test-secret"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of our own, with an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(port))
        client(address).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield address
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def client(address: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test-secret",
    )


def in_bucket(settings: Any, address: str) -> None:
    backend = "reports.object_storage.ObjectStorage"
    settings.STORAGES = settings.STORAGES | {
        name: {
            "BACKEND": backend,
            "OPTIONS": {"bucket_name": BUCKET, "location": name, "endpoint_url": address, **KEYS},
        }
        for name in STORES
    }


@pytest.fixture
def bucket(s3: str, settings: Any) -> Any:
    """The photo stores lie in the bucket, which is empty."""
    in_bucket(settings, s3)
    there = client(s3)
    for found in there.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        there.delete_object(Bucket=BUCKET, Key=found["Key"])
    return there


def test_an_original_leaves_the_house_sealed_and_comes_back(bucket: Any) -> None:
    key = photo_storage.keep_original(b"an original" * 1000, context="photo:1")

    (found,) = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert found["Key"] == f"sealed/{key}"
    stored = bucket.get_object(Bucket=BUCKET, Key=found["Key"])["Body"].read()
    assert b"an original" not in stored
    assert photo_storage.read_original(key, "photo:1") == b"an original" * 1000
    with pytest.raises(ValueError, match="sealed only"):
        storages["sealed"].save(key, ContentFile(b"an original"))


def test_names_files_and_times_are_those_of_a_disk(bucket: Any) -> None:
    name = photo_storage.keep_staff_derivative(b"pixels", ".webp")
    photo_storage.publish_copy(name)

    assert photo_storage.keep_staff_derivative(b"pixels", ".webp") == name
    assert photo_storage.is_stored("published_photos", name)
    ((listed, written),) = photo_storage.stored_names("published_photos")
    assert listed == name
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=1)
    assert not photo_storage.remove_old("published_photos", name, before=written)
    assert photo_storage.remove_old("published_photos", name, before=written + timedelta(seconds=1))
    photo_storage.remove_derivative(name)
    assert not photo_storage.is_stored("published_photos", name)
    with pytest.raises(FileNotFoundError):
        photo_storage.read_derivative(name)


def test_a_store_that_is_away_is_an_os_error_without_a_secret(settings: Any) -> None:
    in_bucket(settings, "http://127.0.0.1:9")

    for use in (
        lambda: photo_storage.keep_original(b"an original", context="photo:1"),
        lambda: photo_storage.read_derivative("ab/" + "0" * 64 + ".jpg"),
        lambda: list(photo_storage.stored_names("sealed")),
    ):
        with pytest.raises(ObjectStorageFailed) as failure:
            use()
        assert "test-secret" not in str(failure.value)


def test_a_bucket_that_refuses_is_an_os_error(bucket: Any, settings: Any, s3: str) -> None:
    in_bucket(settings, s3)
    for store in STORES:
        settings.STORAGES[store]["OPTIONS"]["bucket_name"] = "another"

    with pytest.raises(OSError, match=r"NoSuchBucket|no such"):
        photo_storage.keep_staff_derivative(b"pixels", ".webp")


def test_a_hand_over_to_the_electronic_file_lies_in_the_bucket_once(
    bucket: Any, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": s3,
        "AWS_ACCESS_KEY_ID": KEYS["access_key"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secret_key"],
        "AWS_DEFAULT_REGION": KEYS["region_name"],
    }.items():
        monkeypatch.setenv(name, value)

    for _try in range(2):  # the answer to the first one was lost
        deliver(Target(f"s3:{BUCKET}/eakte/"), "vorgang.zip", b"PK whole")
    deliver(Target(f"s3:{BUCKET}"), "vorgang.zip", b"PK whole")

    found = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [each["Key"] for each in found] == ["eakte/vorgang.zip", "vorgang.zip"]
    stored = bucket.get_object(Bucket=BUCKET, Key="eakte/vorgang.zip")["Body"].read()
    assert stored == b"PK whole"
    with pytest.raises(NotDelivered) as refused:
        deliver(Target("s3:gibt-es-nicht/eakte"), "vorgang.zip", b"PK whole")
    assert "test-secret" not in str(refused.value)


@pytest.mark.django_db
def test_a_photo_lives_its_whole_life_in_object_storage(
    heilbronn: Town, report: Callable[..., Receipt], bucket: Any
) -> None:
    receipt = report(heilbronn, "tree", photos=1)
    drain("media")
    moderate(
        receipt.report.pk,
        decisions={"report": Publication.APPROVED, "photo_1": Publication.APPROVED},
        by=heilbronn.people["mona"],
        now=timezone.now(),
        expected_version=fresh(receipt).version,
    )
    drain("staff")
    name = PublishedPhoto.objects.get(size=320, format="jpeg").name
    page = Client().get(f"/heilbronn/foto/{name}")
    assert (page.status_code, page["Cache-Control"]) == (200, "public, max-age=60")
    assert [finding for finding in reconcile() if "file" in finding.name and finding.count] == []

    withdraw(receipt.report.pk, now=timezone.now())
    drain("staff")

    assert Client().get(f"/heilbronn/foto/{name}").status_code == 404
    assert not photo_storage.is_stored("published_photos", name)
    Photo.objects.all().delete()
    tomorrow = timezone.now() + timedelta(hours=25)
    assert sweep_files(now=tomorrow)["sealed"] == 1
    assert bucket.list_objects_v2(Bucket=BUCKET).get("KeyCount") == 0
