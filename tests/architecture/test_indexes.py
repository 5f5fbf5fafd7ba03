"""What a model says of an index holds in the database: Django drops the condition of some."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
def test_partial_indexes_are_partial() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        made: dict[str, str] = dict(cursor.fetchall())
    meant = {
        index.name: index.condition is not None
        for model in apps.get_models()
        if model._meta.managed
        for index in model._meta.indexes
    }
    assert {name: " WHERE " in made[name] for name in meant} == meant
