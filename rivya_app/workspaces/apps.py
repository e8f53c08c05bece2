from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "rivya_app.workspaces"
    verbose_name = "Workspaces"
