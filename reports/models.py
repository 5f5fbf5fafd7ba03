"""Reports and what belongs to them.

Rows that stay (Report, TimelineEntry, Effect, …) hold no contact data and no free text. What a
person wrote lives in erasable tables (Submission, Remark, Contact) that the timeline refers to by
id and salted hash. What the public may see lives in published.py.
"""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

import reports.abuse  # Django finds tables through models.py, here and below
import reports.copies
import reports.delegating
import reports.desk_entry
import reports.duplicates
import reports.escalations
import reports.filing
import reports.inbox
import reports.incidents
import reports.looking
import reports.named_asset
import reports.office_changes
import reports.outside
import reports.participation
import reports.pauses
import reports.published
import reports.replays
import reports.retention
import reports.rights
import reports.rule_proposals
import reports.uploads
from leases.models import LeasedRow
from reports.lifecycle import CLOSED, OPEN, ClosingReason, Status, WaitingFor


class Screening(models.TextChoices):
    CLEAR = "clear", _("unauffällig")
    HELD = "held", _("zurückgehalten")
    SPAM = "spam", _("Spam")


class Publication(models.TextChoices):
    """Of a report as a whole, of its text, and of each photo."""

    PENDING = "pending", _("wartet auf Freigabe")
    APPROVED = "approved", _("freigegeben")
    WITHHELD = "withheld", _("nicht öffentlich")


class Source(models.TextChoices):
    WEB = "web", _("Internet")
    APP = "app", _("App")
    OPEN311 = "open311", _("Partner-App")
    PHONE = "phone", _("Telefon")
    COUNTER = "counter", _("Schalter")
    LETTER = "letter", _("Brief")
    COUNCIL = "council", _("Ratsanfrage")
    EMAIL = "email", _("E-Mail")
    NEIGHBOUR = "neighbour", _("andere Kommune")
    SENSOR = "sensor", _("Sensor")
    IMPORT = "import", _("Übernahme")


class PlaceChosenBy(models.TextChoices):
    GPS = "gps", _("Standort des Geräts")
    MAP = "map", _("auf der Karte gewählt")
    ADDRESS = "address", _("aus der Adresse")
    PHOTO = "photo", _("aus dem Foto")
    LIST = "list", _("aus der Ortsliste")
    IMPORT = "import", _("übernommen")


class Priority(models.TextChoices):
    """How pressing a rule says a case is."""

    URGENT = "urgent", _("dringend")
    HIGH = "high", _("hoch")
    NORMAL = "", _("normal")
    LOW = "low", _("niedrig")


class Report(models.Model):
    """A citizen's report; staff see the same row as a case (Vorgang)."""

    municipality = models.ForeignKey("accounts.Municipality", models.PROTECT, related_name="+")
    number = models.CharField(_("Vorgangsnummer"), max_length=24, unique=True)
    secret_version = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(_("Eingang über"), max_length=10, choices=Source.choices)
    language = models.CharField(_("Sprache"), max_length=8, default="de")
    api_client = models.ForeignKey(
        "accounts.ApiClient", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    import_key = models.CharField(max_length=120, null=True, blank=True)

    place = models.PointField(_("Ort"), srid=4326)
    accuracy_m = models.FloatField(_("Genauigkeit in Metern"), null=True, blank=True)
    place_chosen_by = models.CharField(max_length=10, choices=PlaceChosenBy.choices)
    district = models.ForeignKey(
        "routing.Area", models.PROTECT, null=True, blank=True, related_name="+"
    )

    category = models.ForeignKey("routing.Category", models.PROTECT, related_name="+")
    office = models.ForeignKey(
        "accounts.Office", models.PROTECT, null=True, blank=True, related_name="+"
    )
    office_chosen_by_hand = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What the rule ordered besides the office (rule_effects.py).
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    priority = models.CharField(
        _("Dringlichkeit"),
        max_length=8,
        choices=Priority.choices,
        blank=True,
        default=Priority.NORMAL,
        db_default=Priority.NORMAL.value,
    )
    tags = ArrayField(
        models.CharField(max_length=30),
        verbose_name=_("Schlagwörter"),
        default=list,
        blank=True,
        db_default=[],
    )
    runs_by_clock = models.BooleanField(default=False, db_default=False)
    narrowed_policy = models.CharField(max_length=16, blank=True, default="", db_default="")
    # Who is responsible once the dispatch office has looked; empty: nobody needs to look first.
    first_look_for = models.ForeignKey(
        "accounts.Office", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Team and person the rule chose there; they wait until the first look ends.
    first_look_team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    first_look_assignee = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(
        _("Stand"), max_length=12, choices=Status.choices, default=Status.RECEIVED
    )
    waiting_for = models.CharField(max_length=14, choices=WaitingFor.choices, null=True, blank=True)
    planned_date = models.DateField(_("geplant für"), null=True, blank=True)
    closing_reason = models.CharField(
        max_length=20, choices=ClosingReason.choices, null=True, blank=True
    )
    leading = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates"
    )
    # Set while the case is handled as part of an incident that runs.
    incident = models.ForeignKey(
        "reports.Incident", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reopened_count = models.PositiveSmallIntegerField(default=0)
    handover_count = models.PositiveSmallIntegerField(default=0)
    return_count = models.PositiveSmallIntegerField(default=0)

    screening = models.CharField(max_length=6, choices=Screening.choices, default=Screening.CLEAR)
    is_danger = models.BooleanField(_("Gefahr"), default=False)
    danger_acknowledged_at = models.DateTimeField(null=True, blank=True)
    danger_acknowledged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_safe_at = models.DateTimeField(null=True, blank=True)
    repaired_at = models.DateTimeField(null=True, blank=True)
    is_confidential = models.BooleanField(_("vertraulich"), default=False)
    publication = models.CharField(
        max_length=10, choices=Publication.choices, default=Publication.PENDING
    )
    text_publication = models.CharField(
        max_length=10, choices=Publication.choices, default=Publication.PENDING
    )

    received_at = models.DateTimeField(_("eingegangen"), db_default=Now())
    updated_at = models.DateTimeField(_("zuletzt geändert"), db_default=Now())
    routed_at = models.DateTimeField(null=True, blank=True)
    first_answer_due_at = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(_("Frist"), null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Since when something of the citizen waits to be read by the office; empty: nothing does.
    unread_since = models.DateTimeField(_("ungelesen seit"), null=True, blank=True)

    hold_until = models.DateField(_("Löschsperre bis"), null=True, blank=True)
    hold_set_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    hold_set_at = models.DateTimeField(null=True, blank=True)
    hold_remark_id = models.BigIntegerField(null=True, blank=True)

    # Article 18 GDPR: kept, not worked on and not public until somebody lifts it.
    restricted_at = models.DateTimeField(_("eingeschränkt seit"), null=True, blank=True)
    # Since when nothing but the anonymous row is left, under a number nobody was ever given.
    anonymised_at = models.DateTimeField(_("anonym seit"), null=True, blank=True)

    version = models.PositiveIntegerField(default=1)
    publication_revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("Meldung")
        verbose_name_plural = _("Meldungen")
        indexes = [
            # The desk's queue: open cases of an office, most urgent first.
            models.Index(
                fields=["office", "due_at", "id"],
                condition=Q(status__in=sorted(OPEN)),
                name="report_open_of_office",
            ),
            models.Index(
                fields=["assignee", "due_at", "id"],
                condition=Q(status__in=sorted(OPEN)),
                name="report_open_of_assignee",
            ),
            models.Index(
                fields=["municipality", "due_at", "id"],
                condition=Q(status__in=sorted(OPEN)),
                name="report_open_of_town",
            ),
            models.Index(fields=["municipality", "-received_at", "-id"], name="report_newest"),
            models.Index(
                fields=["municipality", "id"],
                condition=Q(publication="pending") | Q(text_publication="pending"),
                name="report_to_moderate",
            ),
            models.Index(
                fields=["municipality", "received_at"],
                condition=Q(is_danger=True, danger_acknowledged_at__isnull=True),
                name="report_unacknowledged_danger",
            ),
            models.Index(fields=["category"], name="report_category"),
            # What the nightly job looks through: cases that have ended and are still somebody's.
            models.Index(
                fields=["municipality", "closed_at"],
                condition=Q(closed_at__isnull=False, anonymised_at__isnull=True),
                name="report_to_forget",
            ),
            # What is open around a place: possible duplicates among a million old cases.
            GistIndex(
                fields=["place"],
                condition=Q(status__in=sorted(OPEN), screening="clear"),
                name="report_open_place",
            ),
            models.Index(
                fields=["municipality", "office"],
                condition=Q(unread_since__isnull=False),
                name="report_unread",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "import_key"], name="report_import_key_unique"
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[A-ZÄÖÜ]{1,5}-[0-9]{4}-[0-9]{6,}$"),
                name="report_number_format",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(Status)), name="report_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(OPEN), closed_at__isnull=True)
                | Q(status__in=sorted(CLOSED), closed_at__isnull=False),
                name="report_closed_at_when_closed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "rejected", "duplicate"])
                | Q(closing_reason__isnull=False),
                name="report_closing_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="waiting", waiting_for__isnull=False, waiting_since__isnull=False
                )
                | (~Q(status="waiting") & Q(waiting_for__isnull=True, waiting_since__isnull=True)),
                name="report_waiting_says_for_what",
            ),
            models.CheckConstraint(
                condition=~Q(status="duplicate") | Q(leading__isnull=False),
                name="report_duplicate_has_leading",
            ),
            models.CheckConstraint(
                condition=Q(leading__isnull=True) | ~Q(leading=F("id")),
                name="report_leads_not_itself",
            ),
            models.CheckConstraint(
                condition=Q(
                    danger_acknowledged_at__isnull=True, danger_acknowledged_by__isnull=True
                )
                | Q(danger_acknowledged_at__isnull=False, danger_acknowledged_by__isnull=False),
                name="report_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    hold_until__isnull=True,
                    hold_set_by__isnull=True,
                    hold_set_at__isnull=True,
                    hold_remark_id__isnull=True,
                )
                | Q(
                    hold_until__isnull=False,
                    hold_set_by__isnull=False,
                    hold_set_at__isnull=False,
                    hold_remark_id__isnull=False,
                ),
                name="report_hold_says_who_when_why",
            ),
            models.CheckConstraint(
                condition=Q(accuracy_m__isnull=True) | Q(accuracy_m__gte=0),
                name="report_accuracy_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(is_confidential=True) | Q(publication="withheld"),
                name="report_confidential_never_public",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether the case still needs somebody."""
        return self.status in OPEN


class Submission(models.Model):
    """What the reporter sent, erasable: text, address, answers to extra questions.

    `public_text` is the moderator's edited version; the original stays for the office.
    """

    report = models.OneToOneField(
        Report, models.CASCADE, primary_key=True, related_name="submission"
    )
    description = models.TextField(_("Beschreibung"), blank=True, default="")
    public_text = models.TextField(_("öffentlicher Text"), blank=True, default="")
    address = models.CharField(_("Adresse"), max_length=200, blank=True, default="")
    answers = models.JSONField(_("Antworten"), default=dict, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(description="", public_text="", address="", answers={}),
                name="submission_erased_is_empty",
            ),
        ]


class AnswerBy(models.TextChoices):
    """How somebody wants to hear of the case; push and feeds need nothing of ours."""

    EMAIL = "email", _("E-Mail")
    CALL = "call", _("Rückruf")
    LETTER = "letter", _("Brief")
    NONE = "none", _("keine Antwort gewünscht")


class Contact(models.Model):
    """How the reporter can be answered, erasable; an address is confirmed by link before use."""

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True, related_name="contact")
    name = models.CharField(_("Name"), max_length=120, blank=True, default="")
    email = models.EmailField(_("E-Mail-Adresse"), blank=True, default="")
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, default="")
    postal_address = models.TextField(_("Anschrift"), blank=True, default="", db_default="")
    answer_by = models.CharField(
        _("Antwort per"),
        max_length=6,
        choices=AnswerBy.choices,
        default=AnswerBy.EMAIL,
        db_default=AnswerBy.EMAIL,
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    confirm_until = models.DateTimeField(null=True, blank=True)
    confirm_version = models.PositiveSmallIntegerField(default=1)
    # When the mail with the link to confirm was booked; a released report has none before.
    told_at = models.DateTimeField(null=True, blank=True)
    wants = models.CharField(
        _("Nachrichten"),
        max_length=6,
        choices=reports.participation.Wish.choices,
        default=reports.participation.Wish.ALL,
        db_default=reports.participation.Wish.ALL,
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(name="", email="", phone="", postal_address=""),
                name="contact_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(email="")
                | Q(email_confirmed_at__isnull=False)
                | Q(confirm_until__isnull=False),
                name="contact_unconfirmed_expires",
            ),
        ]
        indexes = [
            models.Index(
                fields=["confirm_until"],
                condition=Q(email_confirmed_at__isnull=True, confirm_until__isnull=False),
                name="contact_unconfirmed",
            ),
        ]


class Remark(models.Model):
    """Free text written in the course of a case, erasable; the timeline holds a salted hash."""

    class Kind(models.TextChoices):
        ANSWER = "answer", _("öffentliche Antwort")
        NOTE = "note", _("interne Notiz")
        CITIZEN = "citizen", _("Nachricht der meldenden Person")
        REASON = "reason", _("Begründung")
        LETTER = "letter", _("Anschreiben an eine andere Stelle")
        OUTSIDE = "outside", _("Auskunft einer anderen Stelle")

    report = models.ForeignKey(Report, models.CASCADE, related_name="remarks")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    body = models.TextField()
    salt = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_default=Now())
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["report", "id"], name="remark_of_report")]
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(body="", salt=""),
                name="remark_erased_is_empty",
            ),
        ]


class ActorKind(models.TextChoices):
    CITIZEN = "citizen", _("meldende Person")
    STAFF = "staff", _("Verwaltung")
    SYSTEM = "system", _("System")
    OUTSIDE = "outside", _("andere Stelle")


class TimelineEntry(models.Model):
    """One thing that happened. Append-only: the database refuses update, delete and truncate.

    `seq`, `prev_hash` and `row_hash` are filled by a trigger; `data` holds codes and numbers only.
    `remark_id` is no foreign key on purpose: the remark may be erased, the entry stays.
    """

    report = models.ForeignKey(Report, models.PROTECT, related_name="timeline")
    seq = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=32)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_public = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    remark_id = models.BigIntegerField(null=True, blank=True)
    remark_hash = models.CharField(max_length=64, blank=True, default="")
    prev_hash = models.CharField(max_length=64, blank=True, default="")
    row_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="timeline_seq_unique"),
            models.CheckConstraint(
                condition=(Q(actor_kind="staff") & Q(actor__isnull=False))
                | (~Q(actor_kind="staff") & Q(actor__isnull=True)),
                name="timeline_staff_has_actor",
            ),
        ]


class PhotoState(models.TextChoices):
    RECEIVED = "received", _("wird aufbereitet")
    READY = "ready", _("bereit")
    FAILED = "failed", _("nicht lesbar")


class Detection(models.TextChoices):
    """How far the search for faces and plates in a photo has come."""

    NONE = "none", _("nicht durchsucht")
    WAITING = "waiting", _("wird durchsucht")
    DONE = "done", _("durchsucht")
    FAILED = "failed", _("Suche misslungen")


class Photo(models.Model):
    """A photo of a report: a sealed original, derivatives for staff, and its publication.

    `masks` are areas nobody outside may recognise (see reports/masks.py); each change counts
    `masks_version` up. `masked` are the copies with the masks of `masked_version` burned in; only
    copies of the current version may leave the house.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    ordinal = models.PositiveSmallIntegerField(validators=[MaxValueValidator(50)])
    state = models.CharField(max_length=8, choices=PhotoState.choices, default=PhotoState.RECEIVED)
    failure_code = models.CharField(max_length=40, blank=True, default="")
    format = models.CharField(max_length=5)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveIntegerField()
    original_key = models.CharField(max_length=200, blank=True, default="")
    original_sha256 = models.CharField(max_length=64)
    original_deleted_at = models.DateTimeField(null=True, blank=True)
    # The place of the unreadable photo that this one was sent for.
    replaces = models.PositiveSmallIntegerField(null=True, blank=True)
    # Of a photo that a firm took to show what it has done; not the sender's own.
    proof_of = models.ForeignKey(
        "reports.Delegation", models.SET_NULL, null=True, blank=True, related_name="proofs"
    )
    # {"320": {"webp": name, "jpeg": name, "width": …, "height": …}, …} for staff eyes
    derivatives = models.JSONField(default=dict, blank=True)
    masks = models.JSONField(default=list, blank=True)
    masks_version = models.PositiveIntegerField(default=0, db_default=0)
    masked = models.JSONField(default=dict, blank=True, db_default={})
    masked_version = models.PositiveIntegerField(default=0, db_default=0)
    detection = models.CharField(
        max_length=8,
        choices=Detection.choices,
        default=Detection.NONE,
        db_default=Detection.NONE.value,
    )
    # {"detectors": [name and version, …], "kinds": ["face", "plate"]}: who looked, for what
    detected = models.JSONField(default=dict, blank=True, db_default={})
    # What the camera claims: a proposal to the sender, never published, gone with the original.
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_place = models.PointField(srid=4326, null=True, blank=True)
    publication = models.CharField(
        max_length=10, choices=Publication.choices, default=Publication.PENDING
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "ordinal"], name="photo_ordinal_unique"),
            models.UniqueConstraint(fields=["report", "replaces"], name="photo_replaced_once"),
            models.CheckConstraint(
                condition=Q(original_deleted_at__isnull=True) | Q(original_key=""),
                name="photo_deleted_original_has_no_key",
            ),
            models.CheckConstraint(
                condition=Q(original_deleted_at__isnull=True)
                | Q(taken_at__isnull=True, taken_place__isnull=True),
                name="photo_hint_goes_with_original",
            ),
            models.CheckConstraint(
                condition=~Q(publication="approved") | Q(state="ready"),
                name="photo_approved_is_ready",
            ),
        ]


class RemotePhoto(models.Model):
    """A photo that a partner system keeps at an address and that is still to be fetched.

    The address is forgotten as soon as the photo is here or will never be.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("wird geholt")
        KEPT = "kept", _("geholt")
        REFUSED = "refused", _("nicht geeignet")

    report = models.ForeignKey(Report, models.CASCADE, related_name="remote_photos")
    url = models.TextField(blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    failure_code = models.CharField(max_length=40, blank=True, default="")
    booked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(url=""), name="remote_photo_address_forgotten"
            ),
        ]
        indexes = [
            models.Index(
                fields=["booked_at"], condition=Q(state="waiting"), name="remote_photo_waiting"
            )
        ]


class OriginalView(models.Model):
    """Every look of a member of staff at a sealed original, or at a photo without its masks."""

    class Kind(models.TextChoices):
        ORIGINAL = "original", _("Original")
        UNMASKED = "unmasked", _("ohne Masken")

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="views")
    viewer = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=8, choices=Kind.choices, default=Kind.ORIGINAL, db_default=Kind.ORIGINAL.value
    )
    at = models.DateTimeField(db_default=Now())


class RoutingDecision(models.Model):
    """Why a case is where it is: the explanation as sentences, the values behind it as codes."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="decisions")
    office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    rule_id = models.BigIntegerField(null=True, blank=True)
    rule_set_version = models.PositiveIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=20)
    sentences = models.JSONField(default=list)
    # Areas next door within the accuracy of the place: [{"name", "level", "metres", "office"}];
    # `office` is empty where it would have been the same.
    near_boundary = models.JSONField(default=list, db_default=[])
    # What the rule has the reporter told; words of the town, not of a person.
    notice = models.CharField(max_length=400, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["report", "-id"], name="decision_of_report")]


class Handover(models.Model):
    """An offer to another office; the giving office stays responsible until it is accepted."""

    class State(models.TextChoices):
        OFFERED = "offered", _("angeboten")
        ACCEPTED = "accepted", _("angenommen")
        RETURNED = "returned", _("zurückgegeben")
        WITHDRAWN = "withdrawn", _("zurückgezogen")
        EXPIRED = "expired", _("Frist verstrichen")

    report = models.ForeignKey(Report, models.CASCADE, related_name="handovers")
    from_office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    to_office = models.ForeignKey("accounts.Office", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    reason_remark_id = models.BigIntegerField()
    offered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(db_default=Now())
    answer_until = models.DateTimeField()
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    return_remark_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(state="offered"), name="handover_one_open_offer"
            ),
            models.CheckConstraint(
                condition=~Q(from_office=F("to_office")), name="handover_to_another_office"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "returned"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="handover_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(return_remark_id__isnull=False),
                name="handover_return_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_office"], condition=Q(state="offered"), name="handover_offered_to"
            )
        ]


class DangerAlert(models.Model):
    """One alert of a danger case to one person on call, or to the control centre."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="alerts")
    step = models.PositiveSmallIntegerField()
    person = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    target = models.CharField(max_length=20)
    alerted_at = models.DateTimeField(db_default=Now())
    # When its link was used to acknowledge; a link works once.
    link_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "step"], name="danger_alert_step_unique"),
        ]


class Effect(LeasedRow):
    """Something a change owes to the world, written in the transaction of the change."""

    class Kind(models.TextChoices):
        ROUTE = "route", _("Zuständigkeit finden")
        DERIVE_PHOTO = "derive_photo", _("Foto aufbereiten")
        DETECT = "detect", _("Gesichter und Kennzeichen suchen")
        MASK = "mask", _("Masken einrechnen")
        PUBLISH = "publish", _("veröffentlichen")
        HAND_OVER = "hand_over", _("an die eAkte übergeben")
        ALERT = "alert", _("Bereitschaft alarmieren")
        OFFER_DEADLINE = "offer_deadline", _("Frist einer Abgabe")
        TELL_OTHERS = "tell_others", _("Mitbetroffenen berichten")
        FETCH_PHOTO = "fetch_photo", _("Foto eines Partnersystems holen")
        FIND_ALIKE = "find_alike", _("mögliche Dubletten suchen")
        ESCALATE = "escalate", _("an eine Frist erinnern")
        INTERIM = "interim", _("Zwischennachricht senden")
        JOIN_INCIDENT = "join_incident", _("einem Ereignis zuordnen")
        INCIDENT_NEWS = "incident_news", _("Antwort eines Ereignisses weitergeben")
        OFFICE_MOVE = "office_move", _("Vorgang bei einer Ämteränderung mitnehmen")
        PASS_TO_TOWN = "pass_to_town", _("an eine andere Kommune weitergeben")
        REPORT_BACK = "report_back", _("der ersten Kommune berichten")
        DELEGATION_DEADLINE = "delegation", _("Frist einer Beauftragung")

    report = models.ForeignKey(Report, models.CASCADE, related_name="effects")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    version = models.BigIntegerField()

    class Meta:
        verbose_name = _("fällige Wirkung")
        verbose_name_plural = _("fällige Wirkungen")
        constraints = [
            models.UniqueConstraint(fields=["report", "kind", "version"], name="effect_once"),
        ]
        indexes = [
            models.Index(
                fields=["lane", "next_at", "id"],
                condition=Q(state__in=["pending", "leased", "uncertain"]),
                name="effect_due",
            ),
            models.Index(fields=["id"], condition=Q(state="dead"), name="effect_dead"),
        ]


class IdempotencyRecord(models.Model):
    """A client's key and the report it made; the answer is rebuilt from the report."""

    endpoint = models.CharField(max_length=40)
    key_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    # Empty only inside the transaction that reserves the key.
    report = models.ForeignKey(Report, models.CASCADE, related_name="+", null=True)
    outcome = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "key_hash"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class TextModule(models.Model):
    """A ready-made piece of answer text (Textbaustein)."""

    municipality = models.ForeignKey(
        "accounts.Municipality", models.CASCADE, related_name="+", verbose_name=_("Kommune")
    )
    code = models.CharField(_("Code"), max_length=40)
    title = models.CharField(_("Titel"), max_length=80)
    body = models.TextField(_("Text"))
    use = models.CharField(_("Verwendung"), max_length=20, blank=True, default="")

    class Meta:
        verbose_name = _("Textbaustein")
        verbose_name_plural = _("Textbausteine")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="text_module_unique"),
        ]

    def __str__(self) -> str:
        return self.title
