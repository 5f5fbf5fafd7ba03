"""What every shape that goes out is made of."""

from typing import Any

from rest_framework import serializers


class TextOrNull(serializers.CharField):
    """Text in an answer; what is empty inside is null outside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, read_only=True, **options)

    def to_representation(self, value: Any) -> Any:
        """The text or None."""
        return super().to_representation(value) if value else None


class ChoiceOrNull(serializers.ChoiceField):
    """A word of a fixed list in an answer; what is empty inside is null outside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, read_only=True, **options)

    def to_representation(self, value: Any) -> Any:
        """The word or None."""
        return super().to_representation(value) if value else None


class OutputSerializer(serializers.Serializer[Any]):
    """A shape that only goes out; every field of it is always there."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **({"read_only": True} | options))
