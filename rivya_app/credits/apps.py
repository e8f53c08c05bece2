from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "rivya_app.credits"
    verbose_name = "Credits"

    def ready(self) -> None:
        from rivya_app.credits import months
        from rivya_app.workspaces import workspace_settings

        workspace_settings.on_zone_changed("credits", months.recount)
