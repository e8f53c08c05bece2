"""Addresses of stored files: their bytes under files/, the pages about them under library/."""

from django.urls import path

from rivya_app.library import views

app_name = "library"
urlpatterns = [
    path("files/<uuid:public_id>/", views.serve_file, name="serve-file"),
    path("files/<uuid:public_id>/thumbnail/", views.serve_thumbnail, name="serve-thumbnail"),
    path(
        "files/<uuid:public_id>/made/<slug:kind>/", views.serve_derivative, name="serve-derivative"
    ),
    path("files/<uuid:public_id>/retry/", views.retry_copy, name="retry-copy"),
    path("files/", views.upload, name="upload"),
    path("library/", views.index, name="index"),
    path("library/settings/", views.change_settings, name="change-settings"),
    path("library/choose/", views.choose, name="choose"),
    path("library/judge/", views.judge, name="judge"),
    path("library/<uuid:public_id>/", views.show_file, name="show-file"),
    path("library/<uuid:public_id>/remove/", views.remove_file, name="remove-file"),
]
