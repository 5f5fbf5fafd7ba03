"""Pages of the administration that take a map file in: upload, look at what would happen, confirm.

Nothing is written before the second step. The file waits in the database between both, for the
person who uploaded it and for a day at most.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from geofiles.layers import LayerUnreadable
from routing.layer_upload import LayerUpload

MOST_BYTES = 25 * 1024 * 1024
KEPT = timedelta(days=1)
MOST_LINES = 300
SUFFIXES = (".geojson", ".json", ".gz", ".gpkg", ".zip", ".csv", ".gml", ".xml")


@dataclass(frozen=True)
class Preview:
    """What an import would do or has done: counts, lines, warnings, a small map (SVG)."""

    counts: Sequence[tuple[str, int]]
    lines: Sequence[Mapping[str, Any]]
    warnings: Sequence[str]
    drawing: str = ""


class ImportForm(forms.Form):
    """What every import asks; a file is needed the first time only."""

    file = forms.FileField(
        label=gettext_lazy("Datei"),
        required=False,
        help_text=gettext_lazy(
            "GeoJSON, GeoPackage, Shapefile als ZIP, GML einer WFS-Antwort oder CSV, höchstens "
            "25 MB, in jedem Koordinatensystem."
        ),
    )
    crs = forms.CharField(
        label=gettext_lazy("Koordinatensystem"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Nur wenn die Datei keines nennt, z. B. EPSG:25832."),
    )
    upload = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_file(self) -> Any:
        """Of a readable kind and size."""
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("Die Datei ist größer als 25 MB."))
        if file and not str(file.name).lower().endswith(SUFFIXES):
            raise forms.ValidationError(
                _("Erwartet wird .geojson, .gpkg, .zip (Shapefile), .gml (WFS) oder .csv.")
            )
        return file


@dataclass(frozen=True)
class ImportPage:
    """One such page: its form, and what to do with a file.

    `form` is made with the request, so that it offers own towns only; `town_of` says whose file it
    is; `run` raises LayerUnreadable.
    """

    title: Any
    form: Callable[..., ImportForm]
    town_of: Callable[[Mapping[str, Any]], Any]
    run: Callable[[Path, Mapping[str, Any], bool], Preview]

    def view(self, admin: "ModelAdmin[Any]", request: HttpRequest) -> HttpResponse:
        """The form, what would happen, or what has happened."""
        if request.method != "POST":
            return self._page(admin, request, self.form(request=request))
        form = self.form(request.POST, request.FILES, request=request)
        if not form.is_valid():
            return self._page(admin, request, form)
        upload = self._upload(request, form)
        if upload is None:
            form.add_error("file", _("Bitte wählen Sie eine Datei."))
            return self._page(admin, request, form)
        return self._look(admin, request, form, upload)

    def _look(
        self, admin: "ModelAdmin[Any]", request: HttpRequest, form: ImportForm, upload: LayerUpload
    ) -> HttpResponse:
        is_confirmed = "confirm" in request.POST
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / upload.name
                path.write_bytes(bytes(upload.content))
                preview = self.run(path, form.cleaned_data, not is_confirmed)
        except LayerUnreadable as problem:
            form.add_error(None, str(problem))
            return self._page(admin, request, form, upload=upload)
        if not is_confirmed:
            return self._page(admin, request, form, upload=upload, preview=preview)
        upload.delete()
        counts = ", ".join(f"{count} {word}" for word, count in preview.counts)
        messages.success(request, _("Übernommen: %(counts)s.") % {"counts": counts})
        return redirect("..")

    def _upload(self, request: HttpRequest, form: ImportForm) -> LayerUpload | None:
        """The file just sent, kept; else the one that was sent before by the same person."""
        town, file = self.town_of(form.cleaned_data), form.cleaned_data["file"]
        LayerUpload.objects.filter(uploaded_at__lt=timezone.now() - KEPT).delete()
        own: QuerySet[LayerUpload] = LayerUpload.objects.filter(
            user_id=_person(request), municipality=town
        )
        if not file:
            wanted = form.cleaned_data["upload"]
            return own.filter(pk=wanted).first() if wanted else None
        name = get_valid_filename(Path(str(file.name)).name)[-120:]
        own.delete()
        return LayerUpload.objects.create(
            user_id=_person(request), municipality=town, name=name, content=file.read()
        )

    def _page(
        self,
        admin: "ModelAdmin[Any]",
        request: HttpRequest,
        form: ImportForm,
        *,
        upload: LayerUpload | None = None,
        preview: Preview | None = None,
    ) -> HttpResponse:
        if not admin.has_add_permission(request) and preview is not None:
            raise Http404
        context = {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "title": self.title,
            "form": form,
            "upload": upload,
            "preview": preview,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "routing/admin/import.html", context, status=status)


def _person(request: HttpRequest) -> int:
    return int(request.user.pk or 0)
