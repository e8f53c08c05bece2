from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "rivya_app.workflows"
    verbose_name = "Workflows"
