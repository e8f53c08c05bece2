"""Addresses of stored files."""

from django.urls import path

from rivya_app.library import views

app_name = "library"
urlpatterns = [
    path("<uuid:public_id>/", views.serve_file, name="serve-file"),
    path("<uuid:public_id>/thumbnail/", views.serve_thumbnail, name="serve-thumbnail"),
    path("<uuid:public_id>/made/<slug:kind>/", views.serve_derivative, name="serve-derivative"),
    path("<uuid:public_id>/retry/", views.retry_copy, name="retry-copy"),
]
