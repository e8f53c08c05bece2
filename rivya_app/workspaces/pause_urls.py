"""Addresses of the pause."""

from django.urls import path

from rivya_app.workspaces import pause_views

app_name = "pauses"
urlpatterns = [
    path("", pause_views.index, name="index"),
    path("begin/", pause_views.begin, name="begin"),
    path("end/", pause_views.end, name="end"),
    path("everywhere/", pause_views.everywhere, name="everywhere"),
    path("everywhere/end/", pause_views.end_everywhere, name="end-everywhere"),
]
