from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "rivya_app.workspaces"
    verbose_name = "Workspaces"

    def ready(self) -> None:
        from rivya_app.workspaces import audit, sign_in_audit, team_words

        audit.register(team_words.ACTS)
        sign_in_audit.connect()
        from rivya_app.workspaces import audit, pauses

        audit.register(pauses.ACTS)
