"""The addresses of the team's pages."""

from django.urls import path

from rivya_app.workspaces import team_views

app_name = "team"
urlpatterns = [
    path("", team_views.index, name="index"),
    path("invite/", team_views.invite, name="invite"),
    path("leave/", team_views.leave, name="leave"),
    path("settings/", team_views.settings, name="settings"),
    path("audit/", team_views.audit, name="audit"),
    path("audit.csv", team_views.audit_csv, name="audit-csv"),
    path("invitations/<uuid:public_id>/again/", team_views.send_again, name="send-again"),
    path("invitations/<uuid:public_id>/revoke/", team_views.revoke, name="revoke"),
    path("<uuid:public_id>/roles/", team_views.change_roles, name="change-roles"),
    path("<uuid:public_id>/remove/", team_views.remove, name="remove"),
]
