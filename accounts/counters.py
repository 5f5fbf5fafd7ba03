"""Rows that count attempts against abuse (accounts.limits)."""

from django.db import models


class RateCounter(models.Model):
    """Attempts counted per hashed key and window; PostgreSQL, so that it survives a flush."""

    key_hash = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    hits = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_hash", "window_start"], name="rate_counter_key"),
        ]
        indexes = [models.Index(fields=["window_start"], name="rate_counter_window")]


class DailySalt(models.Model):
    """What the keys of a day's counters are salted with; forgotten two days later.

    Without it nobody, not even with the server's keys, can find the sender behind a counter.
    """

    day = models.DateField(primary_key=True)
    salt = models.BinaryField()
