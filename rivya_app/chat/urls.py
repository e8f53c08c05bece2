"""Addresses of the assistant."""

from django.urls import path

from rivya_app.chat import stream_views, views

app_name = "chat"
urlpatterns = [
    path("", views.index, name="index"),
    path("<uuid:public_id>/", views.show, name="show-conversation"),
    path("turns/<uuid:public_id>/ticket/", stream_views.stream_ticket, name="stream-ticket"),
]
