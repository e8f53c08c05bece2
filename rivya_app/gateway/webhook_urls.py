"""Addresses of the owner's page about webhooks."""

from django.urls import path

from rivya_app.gateway import webhook_views as views

app_name = "webhooks"
urlpatterns = [
    path("", views.index, name="index"),
    path("rivya/", views.at_rivya, name="at-rivya"),
    path(
        "rivya/<uuid:key_id>/<str:remote_id>/remove/", views.remove_foreign, name="remove-foreign"
    ),
    path("<uuid:public_id>/finish/", views.finish, name="finish"),
    path("<uuid:public_id>/rotate/", views.rotate, name="rotate"),
    path("<uuid:public_id>/test/", views.test, name="test"),
    path("<uuid:public_id>/pause/", views.pause, name="pause"),
    path("<uuid:public_id>/resume/", views.resume, name="resume"),
    path("<uuid:public_id>/move/", views.move, name="move"),
    path("<uuid:public_id>/remove/", views.remove, name="remove"),
]
