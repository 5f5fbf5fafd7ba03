"""The way out to a tile server, which a town's administration chooses."""

from django.conf import settings

from outgoing.client import OutgoingClient, Unreachable

MAX_BYTES = 512 * 1024
CLIENT = OutgoingClient("Anliegen tile cache", max_bytes=MAX_BYTES)


class TileUnavailable(Exception):
    """The tile server may not or cannot be asked, or did not answer with a picture's bytes."""


def fetch(url: str) -> bytes:
    """The bytes behind an http(s) address, at most MAX_BYTES. Raises TileUnavailable."""
    try:
        return CLIENT.get(url, allow_private=settings.TILES_FROM_PRIVATE_NETWORK)
    except Unreachable:
        raise TileUnavailable from None
