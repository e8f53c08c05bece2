"""Addresses of the job page."""

from django.urls import path

from rivya_app.generations import views

app_name = "generations"
urlpatterns = [
    path("<uuid:public_id>/", views.show, name="show-job"),
    path("<uuid:public_id>/live/", views.show_live, name="show-live"),
    path("<uuid:public_id>/view/", views.view_results, name="view-results"),
    path("<uuid:public_id>/look/", views.look_now, name="look-now"),
]
