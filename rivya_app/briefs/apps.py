from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "rivya_app.briefs"
    verbose_name = "Briefs"
