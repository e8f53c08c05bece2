"""Addresses of the pages about workflows."""

from django.urls import path

from rivya_app.workflows import views

app_name = "workflows"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.show, name="show"),
    path("<uuid:public_id>/live/", views.show_live, name="show-live"),
    path("<uuid:public_id>/change/", views.change, name="change"),
    path("<uuid:public_id>/archive/", views.archive, name="archive"),
    path("<uuid:public_id>/main/", views.make_main, name="make-main"),
    path("<uuid:public_id>/dry-run/", views.dry_run, name="dry-run"),
    path("<uuid:public_id>/run/", views.run, name="run"),
]
