"""Addresses of the page of one review, included into those of the queue."""

from django.urls import path

from rivya_app.reviews import deciding_views as views

urlpatterns = [
    path("<uuid:public_id>/", views.show, name="show-review"),
    path("<uuid:public_id>/decide/", views.decide, name="decide"),
    path("<uuid:public_id>/take-back/", views.take_back, name="take-back"),
    path("<uuid:public_id>/reverse/", views.reverse_decision, name="reverse"),
    path("<uuid:public_id>/video-price/", views.video_price, name="video-price"),
    path("<uuid:public_id>/pins/", views.put_pin, name="put-pin"),
    path("<uuid:public_id>/pins/<uuid:pin_id>/", views.reword_pin, name="reword-pin"),
    path("<uuid:public_id>/pins/<uuid:pin_id>/remove/", views.remove_pin, name="remove-pin"),
]
