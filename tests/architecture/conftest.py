"""The world in which everybody asks everything."""

from tests.architecture.everybody import world

__all__ = ["world"]
