from django.urls import path

from rivya_app.reviews import views

app_name = "reviews"
urlpatterns = [
    path("<uuid:public_id>/", views.show, name="show-review"),
]
