"""Addresses of the pages about models. The acts begin with a dash, so that no model hides them."""

from django.urls import path

from rivya_app.gateway import model_views as views

app_name = "models"
urlpatterns = [
    path("", views.index, name="index"),
    path("-/refresh/", views.refresh, name="refresh"),
    path("-/permit/<str:media_kind>/", views.permit, name="permit"),
    path("-/start/<str:media_kind>/", views.start_from, name="start-from"),
    path("<path:model_id>/", views.show_model, name="show-model"),
]
