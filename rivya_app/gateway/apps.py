from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "rivya_app.gateway"
    verbose_name = "Gateway to Rivya"
