"""Addresses of the assistant."""

from django.urls import path

from rivya_app.chat import stream_views, views

app_name = "chat"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new-conversation"),
    path("<uuid:public_id>/", views.show, name="show-conversation"),
    path("turns/<uuid:public_id>/ticket/", stream_views.stream_ticket, name="stream-ticket"),
    path("<uuid:public_id>/ask/", views.ask, name="ask"),
    path("turns/<uuid:public_id>/", views.show_turn, name="show-turn"),
    path("turns/<uuid:public_id>/stop/", views.stop_turn, name="stop-turn"),
    path("turns/<uuid:public_id>/again/", views.ask_again, name="ask-again"),
]
