"""The ways out of a package, for members."""

from django.urls import path

from rivya_app.handoff import leaving_views as views

urlpatterns = [
    path("<uuid:public_id>/download/", views.download, name="download"),
    path("<uuid:public_id>/links/", views.make_link, name="make-link"),
    path("links/<uuid:public_id>/revoke/", views.revoke_link, name="revoke-link"),
    path("<uuid:public_id>/send/", views.send_package, name="send-package"),
    path("events/<uuid:public_id>/again/", views.send_again, name="send-again"),
    path("destinations/", views.show_destinations, name="destinations"),
    path("destinations/new/", views.make_destination, name="make-destination"),
    path("destinations/<uuid:public_id>/", views.show_destination, name="show-destination"),
    path("destinations/<uuid:public_id>/test/", views.test_destination, name="test-destination"),
    path("destinations/<uuid:public_id>/pause/", views.pause_destination, name="pause-destination"),
    path(
        "destinations/<uuid:public_id>/resume/", views.resume_destination, name="resume-destination"
    ),
    path("destinations/<uuid:public_id>/secret/", views.rotate_secret, name="rotate-secret"),
    path(
        "destinations/<uuid:public_id>/remove/", views.remove_destination, name="remove-destination"
    ),
]
