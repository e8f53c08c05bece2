from django.apps import AppConfig


class HandoffConfig(AppConfig):
    name = "rivya_app.handoff"
    verbose_name = "Handoff"

    def ready(self) -> None:
        from rivya_app.briefs import chain
        from rivya_app.handoff import access, steps
        from rivya_app.library import cleaning, uses

        uses.answer_for("package", access.still_needed)
        cleaning.keep_for("handoff", access.packed_names)
        chain.register("handoff", steps.of_brief)
