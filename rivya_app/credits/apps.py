from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreditsConfig(AppConfig):
    name = "rivya_app.credits"
    verbose_name = "Credits"

    def ready(self) -> None:
        from rivya_app.core import context
        from rivya_app.credits import gate_access, gate_words, limit_actions, months
        from rivya_app.gateway import key_links
        from rivya_app.workspaces import audit, workspace_settings

        audit.register(
            {
                limit_actions.MADE: _("Made a limit"),
                limit_actions.CHANGED: _("Changed a limit"),
                limit_actions.ENDED: _("Ended a limit"),
                "credits.marks_changed": _("Changed when owners are told of credits"),
                "credits.expiry_added": _("Wrote down when credits end"),
                "credits.expiry_removed": _("Took away when credits end"),
                "credits.difference_named": _("Said why the balance moved"),
            }
        )
        workspace_settings.on_zone_changed("credits", months.recount)
        audit.register(gate_words.ACTS)
        key_links.register("credits", key_links.Links(following=limit_actions.follow_key))
        context.count_for("credits:cockpit", gate_access.pending_count)
