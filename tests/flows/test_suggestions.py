"""A town learns from its own closed cases, forgets with them, and suggests; nothing is logged."""

import logging
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from reports.actions.submit import Receipt
from reports.actions.take_over import OldRecord, take_over
from reports.actions.train_suggestions import Reason, train_everywhere, train_suggestions
from reports.lifecycle import ClosingReason, Status
from reports.models import Publication, Report, Screening, Submission
from reports.queries.closed_texts import examples
from suggestion import versions
from suggestion.cold_start import Kind
from suggestion.context import Seen
from suggestion.models import Outcome, SuggestionModel
from suggestion.suggest import Basis, Suggestions, suggest
from tests.made_up_texts import made_up_cases
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db

CODES = {
    "licht": "ordnung.laerm",
    "loch": "strasse.schlagloch",
    "muell": "ordnung.spritzen",
    "hecke": "gruen.baum",
}


def close_cases(town: Town, *, skip: int = 0, count: int = 320) -> None:
    """Closed cases with made-up texts, as another system would hand them over."""
    records = [
        OldRecord(
            key=f"M-{case.source}",
            category_code=CODES[case.category],
            lon=TOWN_HALL[0],
            lat=TOWN_HALL[1],
            received_at=case.seen.at,
            status=Status.DONE,
            description=case.seen.text,
            office_key="66",
            closed_at=case.seen.at + timedelta(hours=1),
            closing_reason=ClosingReason.DONE,
            answer="Erledigt.",
            answered_at=case.seen.at + timedelta(hours=1),
        )
        for case in made_up_cases(skip + count)[skip:]
    ]
    assert take_over(town.municipality, records, now=timezone.now()).taken == count


def train(town: Town, **options: Any) -> Any:
    return train_suggestions(town.municipality, now=timezone.now(), **options)


def ask(town: Town, text: str) -> Suggestions:
    return suggest(town.municipality.pk, Seen(text, timezone.now()), [])


def test_a_town_learns_from_its_closed_cases_and_suggests(heilbronn: Town) -> None:
    close_cases(heilbronn)
    kinds = [_kind(heilbronn, name) for name in ("pothole", "tree", "noise", "needles")]

    training = train(heilbronn)

    assert training.reason is Reason.FIRST
    assert training.is_in_use
    found = suggest(heilbronn.municipality.pk, Seen("Schlagloch am Bahnhof", timezone.now()), kinds)
    assert found.basis is Basis.MODEL
    assert found.found[0].code == "strasse.schlagloch"
    assert found.found[0].probability is not None
    assert not ask(heilbronn, "There is a big hole in the street near the school").found
    assert not ask(heilbronn, "").found


def test_the_next_night_nothing_is_learned_without_news(heilbronn: Town) -> None:
    close_cases(heilbronn)
    train(heilbronn)

    assert train(heilbronn).reason is Reason.NOTHING_NEW
    assert train_everywhere(now=timezone.now()) == {"heilbronn": Reason.NOTHING_NEW}

    close_cases(heilbronn, skip=320, count=40)
    training = train(heilbronn)
    assert training.reason is Reason.NEW_CASES
    assert training.is_in_use
    assert training.version.findings["compared_cases"] == 40
    assert list(_outcomes(heilbronn)) == [Outcome.REPLACED, Outcome.ACTIVE]


def test_what_is_erased_is_forgotten_by_the_model(heilbronn: Town) -> None:
    close_cases(heilbronn)
    train(heilbronn)
    erased = Report.objects.filter(municipality=heilbronn.municipality).first()
    assert erased is not None
    Submission.objects.filter(report=erased).update(
        description="", public_text="", address="", answers={}, erased_at=timezone.now()
    )

    training = train(heilbronn)

    assert training.reason is Reason.FORGOTTEN
    assert training.is_in_use
    assert erased.pk not in training.version.sources
    first = SuggestionModel.objects.get(version=1)
    assert (first.payload, first.sources) == (None, [])


def test_without_enough_cases_left_the_model_goes(heilbronn: Town) -> None:
    close_cases(heilbronn)
    train(heilbronn)
    Report.objects.filter(pk__gt=Report.objects.order_by("pk")[100].pk).update(
        is_confidential=True, publication=Publication.WITHHELD
    )

    assert train(heilbronn).reason is Reason.TOO_FEW

    assert versions.in_use(heilbronn.municipality.pk) is None
    assert not SuggestionModel.objects.exclude(payload=None).exists()


def test_a_worse_model_is_not_put_to_use(heilbronn: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    close_cases(heilbronn)
    train(heilbronn)
    close_cases(heilbronn, skip=320, count=60)
    monkeypatch.setattr(versions, "CHANCE", -1.0)  # however equal, it counts as worse

    training = train(heilbronn)

    assert training.version.outcome == Outcome.NOT_BETTER
    assert training.version.payload is None
    assert versions.in_use(heilbronn.municipality.pk).version == 1  # type: ignore[union-attr]


def test_confidential_spam_held_and_open_cases_are_never_read(
    heilbronn: Town, report: Callable[..., Receipt]
) -> None:
    report(heilbronn, description="Noch offen")
    close_cases(heilbronn, count=5)
    hidden = list(Report.objects.filter(status=Status.DONE).order_by("pk")[:3])
    Report.objects.filter(pk=hidden[0].pk).update(
        is_confidential=True, publication=Publication.WITHHELD
    )
    Report.objects.filter(pk=hidden[1].pk).update(screening=Screening.SPAM)
    Report.objects.filter(pk=hidden[2].pk).update(screening=Screening.HELD)

    assert len(examples(heilbronn.municipality.pk)) == 2


def test_examples_carry_no_contact_and_no_name(heilbronn: Town) -> None:
    close_cases(heilbronn, count=1)
    Submission.objects.update(description="Loch. Frau Muster, 07131 5550100, e@buerger.example")

    (case,) = examples(heilbronn.municipality.pk)

    assert case.seen.text.startswith("Loch.")
    assert not any(part in case.seen.text for part in ("Muster", "555", "@"))


def test_a_stored_model_that_was_changed_is_not_used(
    heilbronn: Town, caplog: pytest.LogCaptureFixture
) -> None:
    close_cases(heilbronn)
    row = train(heilbronn).version
    payload = bytearray(row.payload)
    payload[-1] ^= 1
    SuggestionModel.objects.filter(pk=row.pk).update(payload=bytes(payload))

    found = ask(heilbronn, "Schlagloch am Markt")

    assert found.basis is Basis.WORDS
    assert "suggestion model refused" in caplog.text


def test_texts_are_never_logged(heilbronn: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    ask(heilbronn, "Geheimnisvolles Schlagloch der Familie Quastenflosser")

    assert "Quastenflosser" not in caplog.text


def test_the_command_prints_figures_and_a_rehearsal_writes_nothing(heilbronn: Town) -> None:
    close_cases(heilbronn)
    said = StringIO()

    call_command("train_suggestions", "heilbronn", "--dry-run", stdout=said)

    assert "aus 320 Fällen gelernt, nicht gespeichert" in said.getvalue()
    assert not SuggestionModel.objects.exists()


def test_the_command_says_why_it_did_not_learn(heilbronn: Town) -> None:
    with pytest.raises(CommandError, match="Zu wenige"):
        call_command("train_suggestions", "heilbronn")
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("train_suggestions", "nirgends")


def _kind(town: Town, name: str) -> Any:
    category = town.categories[name]
    return Kind(category.code, category.name, "", ())


def _outcomes(town: Town) -> Any:
    rows = SuggestionModel.objects.filter(municipality=town.municipality).order_by("version")
    return rows.values_list("outcome", flat=True)


def test_a_citizen_describes_and_goes_on_with_the_words(heilbronn: Town, client: Client) -> None:
    page = client.post("/heilbronn/melden/", {"description": "Tiefes Schlagloch vor der Schule"})

    html = page.content.decode()
    assert 'formaction="/heilbronn/melden/strasse.schlagloch/"' in html
    assert "Das könnte passen" in html

    form = client.post(
        "/heilbronn/melden/strasse.schlagloch/",
        {"description": "Tiefes Schlagloch vor der Schule", "taken_over": "1"},
    )
    assert "Tiefes Schlagloch vor der Schule</textarea>" in form.content.decode()
    assert not Report.objects.exists()


def test_a_danger_in_the_description_shows_the_telephone_first(
    heilbronn: Town, client: Client
) -> None:
    html = client.post("/heilbronn/melden/", {"description": "Gasgeruch in der Allee"})

    assert 'href="tel:112"' in html.content.decode().split("data-describe-result")[1]


def test_without_a_fitting_kind_the_list_is_pointed_to(heilbronn: Town, client: Client) -> None:
    html = client.post("/heilbronn/melden/", {"description": "Qwertz"}).content.decode()

    assert "Dazu schlagen wir nichts vor" in html
    assert "Qwertz</textarea>" in html


def test_a_clerk_is_offered_kinds_while_the_caller_speaks(heilbronn: Town, client: Client) -> None:
    client.force_login(heilbronn.people["clara"])

    answer = client.post("/desk/aufnahme/vorschlaege/", {"description": "Tiefes Schlagloch"})

    [first, *_rest] = answer.json()["suggestions"]
    assert (first["code"], first["percent"], first["sure"]) == ("strasse.schlagloch", None, False)


def test_the_model_card_says_how_good_it_is(heilbronn: Town, client: Client) -> None:
    client.force_login(heilbronn.people["dora"])
    before = client.get("/desk/vorschlaege/").content.decode()
    close_cases(heilbronn)
    train(heilbronn)

    after = client.get("/desk/vorschlaege/").content.decode()

    assert "200 abgeschlossene Fälle" in before
    assert "Gelernt aus 320 abgeschlossenen Fällen" in after
    assert "Geprüft an 64 jüngeren Fällen" in after
    assert "Schlagloch</th>" in after
