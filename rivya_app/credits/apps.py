from django.apps import AppConfig


class CreditsConfig(AppConfig):
    name = "rivya_app.credits"
    verbose_name = "Credits"

    def ready(self) -> None:
        from rivya_app.core import context
        from rivya_app.credits import gate_access, gate_words
        from rivya_app.workspaces import audit

        audit.register(gate_words.ACTS)
        context.count_for("credits:cockpit", gate_access.pending_count)
