"""Verbs that loosen or restore what ties a case to others: duplicates and incidents."""

from django.utils.translation import gettext_lazy as _

from reports.actions.run_incident import leave_incident, return_to_incident
from reports.actions.unlink import unlink
from reports.lifecycle import Status
from reports.queries.desk_case import CaseFile
from staff_desk import forms
from staff_desk.verb import Verb


def _works(case: CaseFile) -> bool:
    return case.powers.work and case.report.restricted_at is None


LINK_VERBS: dict[str, Verb] = {
    "dublette-loesen": Verb(
        forms.ConfirmForm,
        _("Dublette lösen"),
        _("Lösen"),
        _("Der Vorgang ist wieder ein eigener, wie vor dem Zusammenführen."),
        _works,
        lambda case, user: case.report.status == Status.DUPLICATE,
        lambda case, form, who: unlink(case.report.pk, **who),
        intro=_(
            "Stand und Frist sind wieder wie vorher; was dieser Vorgang selbst führte, geht mit. "
            "Die meldende Person erfährt es."
        ),
    ),
    "ereignis-verlassen": Verb(
        forms.ConfirmForm,
        _("Aus dem Ereignis nehmen"),
        _("Herausnehmen"),
        _("Der Vorgang wird wieder einzeln bearbeitet; an ihm hat sich nichts geändert."),
        _works,
        lambda case, user: case.report.incident_id is not None,
        lambda case, form, who: leave_incident(case.report.pk, **who),
    ),
    "zum-ereignis": Verb(
        forms.ConfirmForm,
        _("Zurück zum Ereignis"),
        _("Zurück zum Ereignis"),
        _("Der Vorgang gehört wieder zum Ereignis."),
        _works,
        lambda case, user: (
            case.report.is_open
            and case.membership is not None
            and case.membership.has_left
            and case.membership.incident.is_going_on
        ),
        lambda case, form, who: return_to_incident(case.report.pk, **who),
    ),
}
