"""Addresses of the list of reviews and what leads into it; those of one review are beside them."""

from django.urls import include, path

from rivya_app.reviews import queue_views as views

app_name = "reviews"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("approve/", views.approve_many, name="approve-many"),
    path("ask/", views.ask, name="ask"),
    path("settings/", views.settings, name="settings"),
    path("videos/<uuid:public_id>/let-through/", views.let_through, name="let-through"),
    path("videos/<uuid:public_id>/again/", views.try_video_again, name="try-video-again"),
    path("videos/<uuid:public_id>/give-up/", views.give_up_video, name="give-up-video"),
    path("<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("", include("rivya_app.reviews.deciding_urls")),
]
