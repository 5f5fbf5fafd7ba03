"""What a person can see and change about their own access."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import RoleAssignment
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk


@desk_page("GET", "HEAD", "POST")
@sensitive_post_parameters()
def account(request: DeskRequest) -> HttpResponse:
    """Own roles, second step, and a new password."""
    user = request.desk.user
    form = PasswordChangeForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.save()
        update_session_auth_hash(request, form.user)
        messages.success(request, _("Ihr Kennwort ist geändert."))
        return redirect("staff_desk:account")
    context = {
        "form": form,
        "roles": RoleAssignment.objects.filter(user=user)
        .select_related("municipality", "office")
        .defer("municipality__coverage"),
        "has_second_factor": TOTPDevice.objects.filter(user=user, confirmed=True).exists(),
    }
    return render_desk(request, "staff_desk/account.html", context)
