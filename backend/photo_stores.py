"""Where photos lie: on the disk, or in S3-compatible object storage where a bucket is named."""

from pathlib import Path
from typing import Any

from backend import env

_PUBLIC = ("published_photos", "open_data")
Store = dict[str, Any]
DISK = "reports.photo_storage.DurableFileSystemStorage"
OBJECTS = "reports.object_storage.ObjectStorage"


def photo_stores(media: Path, sealed: Path, *, public_only: bool) -> dict[str, Store]:
    """The entries of STORAGES for sealed originals, staff copies, public copies, daily data."""
    folders = {
        "sealed": sealed,
        "staff_photos": media / "staff",
        "published_photos": media / "published",
        "open_data": media / "open_data",
    }
    names = _PUBLIC if public_only else tuple(folders)
    if env.text("ANLIEGEN_S3_BUCKET", " ").strip():
        return {name: _in_bucket(name) for name in names}
    return {name: _on_disk(folders[name]) for name in names}


def _on_disk(folder: Path) -> Store:
    return {"BACKEND": DISK, "OPTIONS": {"location": str(folder)}}


def _in_bucket(name: str) -> Store:
    bucket = env.text("ANLIEGEN_S3_BUCKET")
    if name == "sealed":
        bucket = env.text("ANLIEGEN_S3_SEALED_BUCKET", bucket)
    return {
        "BACKEND": OBJECTS,
        "OPTIONS": {
            "bucket_name": bucket,
            "location": name,
            "endpoint_url": env.text("ANLIEGEN_S3_ENDPOINT", " ").strip() or None,
            "region_name": env.text("ANLIEGEN_S3_REGION", "eu-central-1"),
            "access_key": env.text("ANLIEGEN_S3_ACCESS_KEY"),
            "secret_key": env.secret("ANLIEGEN_S3_SECRET_KEY", minimum=8).decode(),
            "path_style": env.flag("ANLIEGEN_S3_PATH_STYLE", default=True),
        },
    }
