from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewayConfig(AppConfig):
    name = "rivya_app.gateway"
    verbose_name = "Gateway to Rivya"

    def ready(self) -> None:
        from rivya_app.gateway import workflow_words
        from rivya_app.workspaces import audit

        audit.register(
            {
                "key.added": _("Added a key"),
                "key.rotated": _("Put a new secret in a key’s place"),
                "key.retired": _("Retired a key"),
                "key.expiry": _("Noted when a key ends"),
                "key.refused": _("Rivya refused a key"),
                "key.accepted": _("Rivya takes a key again"),
                "key.forgotten": _("Wiped a replaced secret"),
                "webhook.made": _("Made a webhook endpoint"),
                "webhook.rotated": _("Rotated a webhook’s secret"),
                "webhook.paused": _("Paused a webhook endpoint"),
                "webhook.resumed": _("Let a webhook endpoint go on"),
                "webhook.moved": _("Moved a webhook endpoint"),
                "webhook.removed": _("Removed a webhook endpoint"),
            }
        )
        audit.register(workflow_words.ACTS)
