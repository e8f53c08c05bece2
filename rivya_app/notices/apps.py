from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "rivya_app.notices"
    verbose_name = "Notices"
