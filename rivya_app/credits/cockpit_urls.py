"""Addresses of the cockpit and the wallet."""

from django.urls import path

from rivya_app.credits import cockpit_views as views

urlpatterns = [
    path("", views.show, name="cockpit"),
    path("refresh/", views.refresh, name="refresh"),
    path("marks/", views.change_marks, name="marks"),
    path("expiries/add/", views.add_expiry, name="add-expiry"),
    path("expiries/<uuid:public_id>/remove/", views.remove_expiry, name="remove-expiry"),
    path("wallet/", views.show_wallet, name="wallet"),
    path("wallet/<uuid:public_id>/name/", views.name_difference, name="name-difference"),
]
