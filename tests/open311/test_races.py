"""Fifty phones' worth of the same request over a real server: one report, one answer."""

from typing import Any
from urllib.request import Request, urlopen

import pytest

from reports.models import Report
from tests.open311.partner import POTHOLE, encoded
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("own_key", ["", "one-key-of-one-client"])
def test_fifty_twins_make_one_report(web: str, key: str, own_key: str) -> None:
    body = encoded(POTHOLE | {"api_key": key, "device_id": "d1"}).encode()
    headers = {"Idempotency-Key": own_key} if own_key else {}

    def send(_number: int) -> tuple[int, bytes]:
        request = Request(f"{web}/heilbronn/open311/v2/requests.json", body, headers)
        for _attempt in range(5):
            answer: Any = None
            try:
                with urlopen(request, timeout=30) as answer:
                    return answer.status, answer.read()
            except OSError as error:
                # Whoever waited too long for a twin is asked to come again, and does.
                if getattr(error, "code", 503) != 503:
                    raise
        raise AssertionError("never answered")

    answers = succeeded(at_once(50, send))

    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert Report.objects.count() == 1
