"""Addresses of the limits."""

from django.urls import path

from rivya_app.credits import limit_views as views

urlpatterns = [
    path("limits/", views.index, name="limits"),
    path("limits/new/", views.new, name="new-limit"),
    path("limits/<uuid:public_id>/change/", views.change, name="change-limit"),
    path("limits/<uuid:public_id>/end/", views.end, name="end-limit"),
]
