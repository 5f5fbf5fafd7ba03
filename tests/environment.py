"""Loaded before Django: gives every parallel test process a database, files and a Redis of its own.

The services themselves are the test cluster and the test Redis that `make test` starts; their
addresses are in var/test.env.
"""

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Two runs side by side outside xdist must not share a database either.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", f"main{os.getpid()}")


def _read_environment_file() -> None:
    path = ROOT / "var" / "test.env"
    if "ANLIEGEN_DB_HOST" in os.environ or not path.exists():
        return
    for line in path.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


_read_environment_file()
FILES = Path(tempfile.mkdtemp(prefix=f"anliegen-test-{WORKER}-"))
(FILES / "static").mkdir()
os.environ |= {
    "ANLIEGEN_ENVIRONMENT": "test",
    "ANLIEGEN_DB_NAME": f"anliegen_test_{WORKER}",
    "ANLIEGEN_REDIS_DB": str(int(WORKER[2:]) + 1 if WORKER.startswith("gw") else 0),
    "ANLIEGEN_MEDIA_ROOT": str(FILES / "media"),
    "ANLIEGEN_SEALED_ROOT": str(FILES / "sealed"),
    "ANLIEGEN_STATIC_ROOT": str(FILES / "static"),
    # Looking for faces takes a second: where it is not the matter, photos are ready at once.
    "ANLIEGEN_DETECTORS": "none",
    "ANLIEGEN_SWEEP_SECONDS": "1",
    "ANLIEGEN_EFFECT_LEASE": os.environ.get("ANLIEGEN_EFFECT_LEASE", "15"),
    "ANLIEGEN_MESSAGE_LEASE": os.environ.get("ANLIEGEN_MESSAGE_LEASE", "10"),
    "ANLIEGEN_SMTP_DATA_TIMEOUT": "2",
}
