from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "rivya_app.gateway"
    verbose_name = "Gateway to Rivya"

    def ready(self) -> None:
        from rivya_app.gateway import workflow_words
        from rivya_app.workspaces import audit

        audit.register(workflow_words.ACTS)
