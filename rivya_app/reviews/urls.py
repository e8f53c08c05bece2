from django.urls import include, path

from rivya_app.reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.stub, name="queue"),
    path("videos/<uuid:public_id>/let/", views.stub, name="let-through"),
    path("videos/<uuid:public_id>/again/", views.stub, name="try-video-again"),
    path("videos/<uuid:public_id>/give/", views.stub, name="give-up-video"),
    path("", include("rivya_app.reviews.deciding_urls")),
]
