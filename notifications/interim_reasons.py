"""Why nothing new has happened with a report: codes and the honest words for them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INTERIM_REASONS: Mapping[str, str | Promise] = {
    "received": _(
        "Wir haben mit der Bearbeitung noch nicht begonnen. Ihre Meldung ist nicht vergessen."
    ),
    "in_progress": _("Ihre Meldung ist in Bearbeitung, aber noch nicht fertig."),
    "third_party": _("Wir warten auf andere, zum Beispiel eine Firma."),
    "planned_date": _("Der geplante Tag ist vorbei, und wir sind noch nicht so weit."),
    "late": _("Die zugesagte Frist haben wir nicht gehalten. Ihre Meldung ist nicht vergessen."),
}
