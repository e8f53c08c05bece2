"""Addresses of the campaign pages."""

from django.urls import path

from rivya_app.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.show, name="show-campaign"),
    path("<uuid:public_id>/cost/", views.show_cost, name="show-cost"),
    path("<uuid:public_id>/change/", views.change, name="change"),
    path("<uuid:public_id>/archive/", views.archive, name="archive"),
]
