from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "rivya_app.briefs"
    verbose_name = "Briefs"

    def ready(self) -> None:
        from rivya_app.briefs import access, handing_on
        from rivya_app.library import uses
        from rivya_app.workspaces import leaving

        uses.answer_for("brief", access.still_waiting)
        leaving.register("briefs", handing_on.hand_on)
