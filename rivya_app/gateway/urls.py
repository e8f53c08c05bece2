"""Addresses of the owner's side of Rivya."""

from django.urls import path

from rivya_app.gateway import views

app_name = "gateway"
urlpatterns = [
    path("", views.keys, name="keys"),
    path("add/", views.add_key, name="add-key"),
    path("<uuid:public_id>/", views.show_key, name="show-key"),
    path("<uuid:public_id>/rotate/", views.rotate_key, name="rotate-key"),
    path("<uuid:public_id>/retire/", views.retire_key, name="retire-key"),
    path("<uuid:public_id>/check/", views.check_key, name="check-key"),
    path("<uuid:public_id>/expiry/", views.set_expiry, name="set-expiry"),
]
