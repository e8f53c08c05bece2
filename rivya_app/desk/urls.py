"""Addresses of the desk."""

from django.urls import path

from rivya_app.desk import views

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
]
