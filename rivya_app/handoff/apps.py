from django.apps import AppConfig


class HandoffConfig(AppConfig):
    name = "rivya_app.handoff"
    verbose_name = "Handoff"
