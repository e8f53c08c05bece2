from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "rivya_app.credits"
    verbose_name = "Credits"
