from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "rivya_app.credits"
    verbose_name = "Credits"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from rivya_app.credits import limit_actions
        from rivya_app.workspaces import audit

        audit.register(
            {
                limit_actions.MADE: _("Made a limit"),
                limit_actions.CHANGED: _("Changed a limit"),
                limit_actions.ENDED: _("Ended a limit"),
            }
        )
