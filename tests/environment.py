"""Loaded before Django: gives every parallel test process a database, files and a Redis of its own.

The services themselves are the test cluster and the test Redis that `make test` starts; their
addresses are in var/test.env.
"""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Two runs side by side must not share a database: each has its own id, or a process of its own.
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")[:8]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", f"main{os.getpid()}") + (f"_{_RUN}" if _RUN else "")
REDIS_DATABASES = 64  # as deploy/local/broker.py sets up


def _read_environment_file() -> None:
    path = ROOT / "var" / "test.env"
    if "ANLIEGEN_DB_HOST" in os.environ or not path.exists():
        return
    for line in path.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def _own_redis_database() -> str:
    """The first Redis database no other test process on this machine holds; held until we end."""
    service = hashlib.sha256(os.environ.get("ANLIEGEN_REDIS_SOCKET", "").encode()).hexdigest()[:12]
    for number in range(REDIS_DATABASES):
        path = Path(tempfile.gettempdir()) / f"anliegen-redis-{service}-{number}.lock"
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # never closed: held until we end
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            continue
        return str(number)
    raise RuntimeError("every Redis database is taken by another test process")


_read_environment_file()
FILES = Path(tempfile.mkdtemp(prefix=f"anliegen-test-{WORKER}-"))
(FILES / "static").mkdir()
os.environ |= {
    "ANLIEGEN_ENVIRONMENT": "test",
    "ANLIEGEN_DB_NAME": f"anliegen_test_{WORKER}",
    "ANLIEGEN_REDIS_DB": _own_redis_database(),
    "ANLIEGEN_MEDIA_ROOT": str(FILES / "media"),
    "ANLIEGEN_SEALED_ROOT": str(FILES / "sealed"),
    "ANLIEGEN_STATIC_ROOT": str(FILES / "static"),
    # Looking for faces takes a second: where it is not the matter, photos are ready at once.
    "ANLIEGEN_DETECTORS": "none",
    "ANLIEGEN_SWEEP_SECONDS": "1",
    "ANLIEGEN_EFFECT_LEASE": os.environ.get("ANLIEGEN_EFFECT_LEASE", "15"),
    "ANLIEGEN_MESSAGE_LEASE": os.environ.get("ANLIEGEN_MESSAGE_LEASE", "10"),
    "ANLIEGEN_SMTP_DATA_TIMEOUT": "2",
    # A worker would check the whole site at every start; `make check` has.
    "CELERY_SKIP_CHECKS": "1",
}
