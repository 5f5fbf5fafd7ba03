"""What whoever holds a receipt does with it: add, answer, object, say whether it is true, withdraw.

Every POST honours `Idempotency-Key`: the same key with the same content is the same wish.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, cast

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.request_bodies import MULTIPART
from mobile_api.errors import escaped
from mobile_api.parsers import CompleteMultiPartParser, StrictJSONParser, check_length
from mobile_api.permissions import ReceiptHolder
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.v1 import documentation_additions as documentation
from mobile_api.v1.additions_problems import refused
from mobile_api.v1.additions_shapes import (
    AddedPhotosSerializer,
    FeedbackSerializer,
    MessageSerializer,
    NothingSerializer,
    ObjectionSerializer,
    QuestionAnswerSerializer,
    SharingSerializer,
    WishSerializer,
)
from mobile_api.v1.base import PRIVATE, ApiView, answer
from mobile_api.v1.receipts import held_report
from mobile_api.v1.submission import read_key
from reports.actions.add_photos import add_photos
from reports.actions.add_text import add_text
from reports.actions.answer_question import answer_question
from reports.actions.choose_messages import choose_messages, wish_of
from reports.actions.decide_consent import decide_consent
from reports.actions.give_feedback import give_feedback
from reports.actions.object_to_publication import object_to_publication
from reports.actions.withdraw import withdraw
from reports.additions import Done
from reports.idempotency import Idempotency
from reports.models import Report


class HolderView(ApiView):
    """An address below a report that exists only for whoever holds its receipt."""

    permission_classes = [ReceiptHolder]
    parser_classes = [StrictJSONParser]
    cache_control: ClassVar[str] = PRIVATE
    endpoint: ClassVar[str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The length first, then whose report it is; a body is read for the holder only."""
        if request.method == "POST":
            check_length(request._request)
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            self.report: Report = held_report(request, kwargs["number"])

    def key(self, request: Request) -> Idempotency | None:
        """The client's key, of this report and this kind of change."""
        key = read_key(request)
        scope = f"receipt:{self.report.pk}"
        return replace(key, endpoint=f"v1.{self.endpoint}", scope=scope) if key else None


def shaped(shape: type[BaseSerializer[Any]], data: Any) -> dict[str, Any]:
    """The checked values of a body; null counts as not given. Raises ValidationError."""
    checked = shape(data=data)
    checked.is_valid(raise_exception=True)
    return {name: value for name, value in checked.validated_data.items() if value is not None}


def said(body: dict[str, Any], done: Done, *, status: int = 201) -> Response:
    """What was done; a repetition says so."""
    headers = {"Idempotency-Replayed": "true"} if done.replayed else {}
    return answer(body, headers, status=status)


class MessagesView(HolderView):
    """`/reports/{number}/messages`."""

    endpoint = "messages"

    @documentation.ADD_MESSAGE
    def post(self, request: Request, number: str) -> Response:
        """Write to the office."""
        key, values = self.key(request), shaped(MessageSerializer, request.data)
        with refused():
            done = add_text(
                self.report.pk, text=values["text"], now=timezone.now(), idempotency=key
            )
        return said(done.outcome, done)


class AnswerView(HolderView):
    """`/reports/{number}/answer`."""

    endpoint = "answer"

    @documentation.ANSWER_QUESTION
    def post(self, request: Request, number: str) -> Response:
        """Answer the question the office waits for."""
        key, values = self.key(request), shaped(QuestionAnswerSerializer, request.data)
        with refused():
            done = answer_question(
                self.report.pk,
                text=values["text"],
                question=values.get("question"),
                now=timezone.now(),
                idempotency=key,
            )
        return said(done.outcome, done)


class PhotosView(HolderView):
    """`/reports/{number}/photos`."""

    endpoint = "photos"
    parser_classes = [CompleteMultiPartParser]

    @documentation.ADD_PHOTOS
    def post(self, request: Request, number: str) -> Response:
        """Add photos, or replace one that could not be read."""
        key = self.key(request)
        files, replaces = _photos(request)
        with refused():
            done = add_photos(
                self.report.pk,
                files=files,
                replaces=replaces,
                now=timezone.now(),
                idempotency=key,
            )
        outcome = done.outcome
        verdicts = list(_verdicts(len(files), outcome))
        return said({"status": outcome["status"], "photos": verdicts}, done)


class WithdrawalView(HolderView):
    """`/reports/{number}/withdrawal`."""

    endpoint = "withdrawal"

    @documentation.WITHDRAW
    def post(self, request: Request, number: str) -> Response:
        """Take the report back."""
        key = self.key(request)
        shaped(NothingSerializer, request.data or {})
        with refused():
            done = withdraw(self.report.pk, now=timezone.now(), idempotency=key)
        return said(done.outcome, done)


class ObjectionView(HolderView):
    """`/reports/{number}/objection`."""

    endpoint = "objection"

    @documentation.OBJECT
    def post(self, request: Request, number: str) -> Response:
        """Take text, photos or the whole report out of public."""
        key, values = self.key(request), shaped(ObjectionSerializer, request.data)
        with refused():
            done = object_to_publication(
                self.report.pk,
                parts=values["parts"],
                reason=values.get("reason", ""),
                now=timezone.now(),
                idempotency=key,
            )
        return said(done.outcome, done)


class SharingView(HolderView):
    """`/reports/{number}/sharing`."""

    endpoint = "sharing"

    @documentation.SHARE
    def post(self, request: Request, number: str) -> Response:
        """Let one body know who reported, or take that back."""
        key, values = self.key(request), shaped(SharingSerializer, request.data)
        with refused():
            done = decide_consent(
                self.report.pk,
                body_id=values["id"],
                is_allowed=values["is_allowed"],
                now=timezone.now(),
                idempotency=key,
            )
        said_now = {"id": done.outcome["body"], "is_allowed": done.outcome["allowed"]}
        return said(said_now, done)


class FeedbackView(HolderView):
    """`/reports/{number}/feedback`."""

    endpoint = "feedback"

    @documentation.GIVE_FEEDBACK
    def post(self, request: Request, number: str) -> Response:
        """Say whether the repair is true; a "no" reopens the case."""
        key, values = self.key(request), shaped(FeedbackSerializer, request.data)
        with refused():
            done = give_feedback(
                self.report.pk,
                is_fixed=values["is_fixed"],
                satisfaction=values.get("satisfaction"),
                text=values.get("text", ""),
                now=timezone.now(),
                idempotency=key,
            )
        return said(done.outcome, done)


class SubscriptionView(HolderView):
    """`/reports/{number}/subscription`."""

    endpoint = "subscription"

    @documentation.READ_SUBSCRIPTION
    def get(self, request: Request, number: str) -> Response:
        """Which messages the sender gets."""
        wants = wish_of(self.report)
        if wants is None:
            raise Problem("no_address")
        return answer({"wants": wants.value})

    @documentation.CHOOSE_MESSAGES
    def post(self, request: Request, number: str) -> Response:
        """Choose them; the same choice again changes nothing."""
        values = shaped(WishSerializer, request.data)
        with refused():
            chosen = choose_messages(self.report.pk, values["wants"])
        return answer({"wants": chosen.value})


def _photos(request: Request) -> tuple[list[Any], int | None]:
    """The files and what the first one replaces. Raises Problem, ValidationError."""
    if not (request.content_type or "").lower().startswith(MULTIPART):
        raise Problem("unsupported_media_type")
    data = cast("dict[str, Any]", request.data)
    faults = [
        Fault("unknown_part", FIELD_FAULTS["unknown_part"], pointer=f"#/{escaped(name)}")
        for name in data
        if name not in {"photos", "replaces"}
    ]
    if "photos" in request.POST:  # without a file name a part is text, and would be lost
        faults.append(
            Fault("file_name_missing", FIELD_FAULTS["file_name_missing"], pointer="#/photos")
        )
    if faults:
        raise Problem("invalid_request", errors=faults)
    files = request.FILES.getlist("photos")
    sent = {"photos": files} | ({"replaces": data["replaces"]} if "replaces" in data else {})
    checked = AddedPhotosSerializer(data=sent)
    checked.is_valid(raise_exception=True)
    return files, checked.validated_data.get("replaces")


def _verdicts(count: int, outcome: dict[str, Any]) -> Iterable[dict[str, Any]]:
    added = dict(outcome["added"])
    why = {photo["ordinal"]: photo for photo in outcome["refused_photos"]}
    for position in range(1, count + 1):
        photo = why.get(position, {})
        yield {
            "position": position,
            "state": "accepted" if position in added else "refused",
            "ordinal": added.get(position),
            "code": photo.get("code"),
            "message": photo.get("message"),
        }
