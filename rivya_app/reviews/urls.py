from django.urls import include, path

from rivya_app.reviews import views

app_name = "reviews"
urlpatterns = [
    path("<uuid:public_id>/", views.show, name="show-review"),
    path("", include("rivya_app.reviews.deciding_urls")),
]
