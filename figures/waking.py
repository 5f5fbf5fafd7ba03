"""The wake-up of those who build reports; a content-free message that may be lost."""

from leases.models import Lane
from leases.wakeups import wake_after_commit

DRAIN = "figures.tasks.drain"


def wake_builders() -> None:
    """Have a worker look for reports to build once the transaction has committed."""
    wake_after_commit(DRAIN, Lane.BULK.value)
