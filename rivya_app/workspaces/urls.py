from django.urls import path

from rivya_app.workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("switch/", views.switch, name="switch"),
]
