"""Addresses of the assistant."""

from django.urls import path

from rivya_app.chat import list_views, stream_views, views

app_name = "chat"
urlpatterns = [
    path("", list_views.index, name="index"),
    path("new/", views.new, name="new-conversation"),
    path("cap/", list_views.own_cap, name="own-cap"),
    path("<uuid:public_id>/", views.show, name="show-conversation"),
    path("<uuid:public_id>/ask/", views.ask, name="ask"),
    path("<uuid:public_id>/rename/", list_views.rename, name="rename"),
    path("<uuid:public_id>/archive/", list_views.archive, name="archive"),
    path("<uuid:public_id>/share/", list_views.share, name="share"),
    path("<uuid:public_id>/export/", list_views.save_as_markdown, name="export"),
    path("turns/<uuid:public_id>/", views.show_turn, name="show-turn"),
    path("turns/<uuid:public_id>/ticket/", stream_views.stream_ticket, name="stream-ticket"),
    path("turns/<uuid:public_id>/stop/", views.stop_turn, name="stop-turn"),
    path("turns/<uuid:public_id>/again/", views.ask_again, name="ask-again"),
]
