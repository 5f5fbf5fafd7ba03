"""The published table and, as read-only models, the views on it in the schema `open_data`.

The tables are filled by actions/publish.py only, with named columns. The views are what the role
anliegen_public may read, and nothing else; a new column stays private until a view lists it.
"""

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField


class PublishedReport(models.Model):
    """A report as the public may see it; the number is its identity."""

    number = models.CharField(max_length=24, primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    group_name = models.CharField(max_length=100, blank=True, default="")
    status = models.CharField(max_length=12)
    closing_reason = models.CharField(max_length=20, blank=True, default="")
    received_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    place = models.PointField(srid=4326)
    precision_m = models.PositiveIntegerField()
    time_precision = models.CharField(max_length=6)  # minute | day | month
    district = models.CharField(max_length=120, blank=True, default="")
    office_name = models.CharField(max_length=140, blank=True, default="")
    text = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    first_answer_hours = models.FloatField(null=True)
    completion_hours = models.FloatField(null=True)
    # How many others are affected; empty where the policy lets no count out.
    supports = models.PositiveIntegerField(null=True)
    # Answers to public questions: [{"code", "question", "datatype", "values": [{"key", "name"}]}]
    attributes: ClassVar[models.JSONField] = models.JSONField(default=list, db_default=[])
    # Names of the photos at the size the feeds show, so that a million lines need no join.
    photo_names = models.TextField(blank=True, default="", db_default="")
    # Things of public layers it is about: [{"reference", "label", "code", "layer", "key"}]
    assets: ClassVar[models.JSONField] = models.JSONField(default=list, db_default=[])
    revision = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    # Place in the order of changes of its town; the database writes it, in the order of commits.
    change = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "published_report"
        indexes = [
            models.Index(
                fields=["municipality_slug", "-received_at", "number"], name="published_newest"
            ),
            models.Index(
                fields=["municipality_slug", "category_code", "status"], name="published_filter"
            ),
            models.Index(
                fields=["municipality_slug", "-closed_at"],
                condition=models.Q(status="done"),
                name="published_recently_done",
            ),
            models.Index(fields=["municipality_slug", "number"], name="published_by_number"),
            models.Index(fields=["municipality_slug", "change"], name="published_by_change"),
        ]


class PublishedPhoto(models.Model):
    """One public derivative file of an approved photo; `name` is the hash of its content."""

    report = models.ForeignKey(
        PublishedReport, models.CASCADE, related_name="photos", db_column="number"
    )
    ordinal = models.PositiveSmallIntegerField()
    size = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=4)  # webp | jpeg
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    name = models.CharField(max_length=80)

    class Meta:
        db_table = "published_photo"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "ordinal", "size", "format"], name="published_photo_once"
            ),
        ]
        indexes = [models.Index(fields=["name"], name="published_photo_name")]


class PublishedUpdate(models.Model):
    """A public entry of the timeline of a published report: an answer or a new status.

    `visible_at` is when strangers could first see it, rounded up to the minute, so that whoever
    asks for one window of time after the other misses none.
    """

    report = models.ForeignKey(
        PublishedReport, models.CASCADE, related_name="updates", db_column="number"
    )
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    status = models.CharField(max_length=12)
    closing_reason = models.CharField(max_length=20, blank=True, default="")
    waiting_for = models.CharField(max_length=14, blank=True, default="")
    text = models.TextField(blank=True, default="")
    visible_at = models.DateTimeField()

    class Meta:
        db_table = "published_update"
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="published_update_once"),
        ]
        indexes = [models.Index(fields=["visible_at"], name="published_update_time")]


class PublishedIncident(models.Model):
    """An incident as the public may see it: no person, no single place, no internal word."""

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    office_name = models.CharField(max_length=140, blank=True, default="")
    is_running = models.BooleanField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    reports = models.PositiveIntegerField()
    # [{"text", "at" (ISO 8601), "closing_reason"}], oldest first
    news: ClassVar[models.JSONField] = models.JSONField(default=list)
    shape = models.MultiPolygonField(srid=4326, null=True)
    # An open published report of it, through which others join in; empty where there is none.
    join_number = models.CharField(max_length=24, blank=True, default="", db_default="")

    class Meta:
        db_table = "published_incident"
        indexes = [
            models.Index(
                fields=["municipality_slug", "-started_at"], name="published_incident_newest"
            )
        ]


class Tombstone(models.Model):
    """A number that was public once and is not any more; the database leaves one by itself."""

    number = models.CharField(max_length=24, primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    removed_at = models.DateTimeField()
    change = models.BigIntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "published_tombstone"
        indexes = [
            models.Index(fields=["municipality_slug", "change"], name="tombstone_by_change"),
        ]


class PublicReport(models.Model):
    """Row of open_data.reports, read through the connection `public`."""

    number = models.CharField(max_length=24, primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    group_name = models.CharField(max_length=100)
    status = models.CharField(max_length=12)
    closing_reason = models.CharField(max_length=20)
    received_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    place = models.PointField(srid=4326)
    precision_m = models.PositiveIntegerField()
    time_precision = models.CharField(max_length=6)
    district = models.CharField(max_length=120)
    office_name = models.CharField(max_length=140)
    text = models.TextField()
    answer = models.TextField()
    first_answer_hours = models.FloatField(null=True)
    completion_hours = models.FloatField(null=True)
    supports = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reports"


class PublicPhoto(models.Model):
    """Row of open_data.photos."""

    name = models.CharField(max_length=80, primary_key=True)
    number = models.CharField(max_length=24)
    ordinal = models.PositiveSmallIntegerField()
    size = models.PositiveSmallIntegerField()
    format = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "photos"


class PublicUpdate(models.Model):
    """Row of open_data.updates; `update_id` is the number with the entry's place in the history."""

    update_id = models.CharField(max_length=40, primary_key=True)
    number = models.CharField(max_length=24)
    municipality_slug = models.CharField(max_length=40)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    status = models.CharField(max_length=12)
    closing_reason = models.CharField(max_length=20)
    waiting_for = models.CharField(max_length=14)
    text = models.TextField()
    visible_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "updates"


class PublicAttributes(models.Model):
    """Row of open_data.attributes: answers to public questions of a published report."""

    number = models.CharField(max_length=24, primary_key=True)
    attributes: ClassVar[models.JSONField] = models.JSONField()

    class Meta:
        managed = False
        db_table = "attributes"


class PublicIncident(models.Model):
    """Row of open_data.incidents."""

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    category_code = models.CharField(max_length=60)
    category_name = models.CharField(max_length=100)
    office_name = models.CharField(max_length=140)
    is_running = models.BooleanField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    reports = models.PositiveIntegerField()
    news: ClassVar[models.JSONField] = models.JSONField()
    shape = models.MultiPolygonField(srid=4326, null=True)
    join_number = models.CharField(max_length=24)

    class Meta:
        managed = False
        db_table = "incidents"


class PublicMunicipality(models.Model):
    """Row of open_data.municipalities."""

    slug = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    official_name = models.CharField(max_length=120)
    state = models.CharField(max_length=2)
    host_name = models.CharField(max_length=120, null=True)
    coverage = models.MultiPolygonField(srid=4326)
    center = models.PointField(srid=4326)
    contact_email = models.EmailField()
    contact_phone = models.CharField(max_length=40)
    website = models.URLField()
    emergency_contact = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=40)
    tile_url = models.CharField(max_length=200)
    tile_attribution = models.CharField(max_length=200)
    licence = models.CharField(max_length=120)
    attribution = models.CharField(max_length=200)
    contributor = models.CharField(max_length=120)
    pages: ClassVar[models.JSONField] = models.JSONField()

    class Meta:
        managed = False
        db_table = "municipalities"


class PublicArea(models.Model):
    """Row of open_data.areas: districts with their outline, in force today."""

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    level = models.CharField(max_length=16)
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    geometry = models.MultiPolygonField(srid=4326)

    class Meta:
        managed = False
        db_table = "areas"


class PublicDeletionDays(models.Model):
    """Row of open_data.deletion_days: how long a town keeps what, by its standard class."""

    municipality_slug = models.CharField(max_length=40, primary_key=True)
    contact_days = models.PositiveIntegerField()
    original_days = models.PositiveIntegerField()
    public_days = models.PositiveIntegerField()
    case_days = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "deletion_days"


class PublicCategory(models.Model):
    """Row of open_data.categories: what is offered and may appear in public."""

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    group_code = models.CharField(max_length=60)
    group_name = models.CharField(max_length=100)
    icon = models.CharField(max_length=40)
    publication_policy = models.CharField(max_length=16)

    class Meta:
        managed = False
        db_table = "categories"


class PublicService(models.Model):
    """Row of open_data.services: a group or category that reports are taken on.

    `translations`: {"en": {"name", "explanation"}}; `questions`: the fields of routing.Question.
    """

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    parent_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    explanation = models.CharField(max_length=400)
    keywords = ArrayField(models.CharField(max_length=120))
    icon = models.CharField(max_length=40)
    publication_policy = models.CharField(max_length=16)
    sort_order = models.PositiveSmallIntegerField()
    is_group = models.BooleanField()
    duplicate_radius_m = models.PositiveIntegerField()
    public_grid_m = models.PositiveIntegerField()
    translations: ClassVar[models.JSONField] = models.JSONField()
    questions: ClassVar[models.JSONField] = models.JSONField()

    class Meta:
        managed = False
        db_table = "services"


class PublicAsset(models.Model):
    """Row of open_data.assets: things of public layers, with the properties the layer lets out."""

    id = models.BigIntegerField(primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    layer_code = models.CharField(max_length=40)
    layer_name = models.CharField(max_length=80)
    one = models.CharField(max_length=60)
    icon = models.CharField(max_length=40)
    radius_m = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80)
    number = models.CharField(max_length=80)
    label = models.CharField(max_length=160)
    place = models.PointField(srid=4326)
    attributes: ClassVar[models.JSONField] = models.JSONField()
    gone_since = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "assets"


class PublicAssetLayer(models.Model):
    """Row of open_data.asset_layers: which public layer is offered for which category."""

    row_id = models.CharField(max_length=120, primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    layer_code = models.CharField(max_length=40)
    layer_name = models.CharField(max_length=80)
    one = models.CharField(max_length=60)
    radius_m = models.PositiveSmallIntegerField()
    category_code = models.CharField(max_length=60)

    class Meta:
        managed = False
        db_table = "asset_layers"


class PublicReportAssets(models.Model):
    """Row of open_data.report_assets: the things a published report is about."""

    number = models.CharField(max_length=24, primary_key=True)
    municipality_slug = models.CharField(max_length=40)
    assets: ClassVar[models.JSONField] = models.JSONField()

    class Meta:
        managed = False
        db_table = "report_assets"
