from django.urls import path

from rivya_app.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.index, name="index"),
    path("live/", views.live, name="live"),
    path("settings/", views.settings, name="settings"),
    path("mark-all-read/", views.mark_all_read, name="mark-all-read"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("<uuid:public_id>/", views.open_notice, name="open"),
]
