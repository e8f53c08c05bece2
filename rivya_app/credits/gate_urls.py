"""Addresses of the owner's gate; added up in `urls.py`."""

from django.urls import path

from rivya_app.credits import gate_views

urlpatterns = [
    path("gate/", gate_views.rules, name="gate"),
    path("gate/<uuid:public_id>/end/", gate_views.end_rule, name="end-rule"),
    path("asks/", gate_views.asks, name="asks"),
    path("asks/<uuid:public_id>/", gate_views.show_ask, name="show-ask"),
    path("asks/<uuid:public_id>/answer/", gate_views.answer, name="answer"),
    path("asks/<uuid:public_id>/withdraw/", gate_views.withdraw_ask, name="withdraw-ask"),
]
