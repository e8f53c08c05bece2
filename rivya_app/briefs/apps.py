from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "rivya_app.briefs"
    verbose_name = "Briefs"

    def ready(self) -> None:
        from rivya_app.briefs import access
        from rivya_app.library import uses

        uses.answer_for("brief", access.still_waiting)
