from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "rivya_app.demo"
    verbose_name = "Demo"
