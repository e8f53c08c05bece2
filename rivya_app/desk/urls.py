"""Addresses of the desk."""

from django.urls import path

from rivya_app.desk import turn_views, views

app_name = "desk"
urlpatterns = [
    path("", views.index, name="index"),
    path("several/", views.several, name="several"),
    path("handled/", views.handle, name="handle"),
    path("replay/", views.replay, name="replay"),
    path("jobs/<uuid:public_id>/", views.show, name="show"),
    path("jobs/<uuid:public_id>/live/", views.show_live, name="show-live"),
    path("jobs/<uuid:public_id>/note/", views.write_note, name="write-note"),
    path("jobs/<uuid:public_id>/release/", views.release, name="release"),
    path("jobs/<uuid:public_id>/release/unsure/", views.release_unsure, name="release-unsure"),
    path("jobs/<uuid:public_id>/do/<slug:code>/", views.do, name="do"),
    path("turns/<uuid:public_id>/", turn_views.show, name="show-turn"),
    path("turns/<uuid:public_id>/note/", turn_views.write_note, name="write-turn-note"),
    path("turns/<uuid:public_id>/give-up/", turn_views.give_up, name="give-up-turn"),
    path("turns/<uuid:public_id>/do/<slug:code>/", turn_views.do, name="do-turn"),
]
