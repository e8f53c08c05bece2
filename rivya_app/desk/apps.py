from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "rivya_app.desk"
    verbose_name = "Desk"
