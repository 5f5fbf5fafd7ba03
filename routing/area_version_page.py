"""The page of the administration on which a new version of an area begins."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routing.area_versions import LaterVersion, begin_version, versions_of
from routing.models import Area


class NewVersionForm(forms.Form):
    """From which day on the area is another one."""

    valid_from = forms.DateField(
        label=gettext_lazy("Neue Fassung gilt ab"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Der erste Tag, an dem die Änderung gilt."),
    )


def new_version(admin: ModelAdmin[Area], request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask for the day; then copy the newest version and lead to the copy, where it is drawn."""
    rows = admin.get_queryset(request)
    area = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
    if area is None:
        raise Http404
    if not admin.has_change_permission(request, area):
        raise PermissionDenied
    form = NewVersionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = begin_version(area, form.cleaned_data["valid_from"])
        except LaterVersion as later:
            form.add_error("valid_from", later.words)
        else:
            return _go_on(admin, request, made)
    return _page(admin, request, area, form)


def _go_on(admin: ModelAdmin[Area], request: HttpRequest, made: Area) -> HttpResponse:
    day = date_format(made.valid_from, "SHORT_DATE_FORMAT") if made.valid_from else ""
    admin.log_addition(request, made, _("Neue Fassung ab %(day)s") % {"day": day})
    messages.success(
        request,
        _(
            "Das ist die neue Fassung, gültig ab %(day)s. Sie gleicht noch der früheren: "
            "Ändern Sie jetzt Fläche, Namen oder Eigenschaften und sichern Sie."
        )
        % {"day": day},
    )
    return redirect("admin:routing_area_change", made.pk)


def _page(
    admin: ModelAdmin[Area], request: HttpRequest, area: Area, form: NewVersionForm
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": _("Neue Fassung: %(name)s") % {"name": area.name},
        "form": form,
        "area": area,
        "versions": versions_of(area).only("name", "valid_from", "valid_to"),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "routing/admin/new_version.html", context, status=status)
