"""A page with the ways out, until the package's own page is here."""

from django.shortcuts import render

from rivya_app.core.guard import members
from rivya_app.handoff import access, leaving_page


@members()
def show_package(request, public_id):
    package = access.package(request.member, public_id)
    return render(
        request, "handoff/temporary.html", leaving_page.leaving_of(request.member, package)
    )
