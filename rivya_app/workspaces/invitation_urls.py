"""Where the link of an invitation leads, for everybody who has one."""

from django.urls import path

from rivya_app.workspaces import invitation_views

urlpatterns = [
    path("", invitation_views.invitation, name="invitation"),
    path("somebody-else/", invitation_views.switch_person, name="invitation-switch"),
    path("<str:token>/", invitation_views.open_link, name="accept-invitation"),
]
