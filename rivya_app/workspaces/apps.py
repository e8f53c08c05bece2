from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "rivya_app.workspaces"
    verbose_name = "Workspaces"

    def ready(self) -> None:
        from rivya_app.workspaces import audit, pauses

        audit.register(pauses.ACTS)
