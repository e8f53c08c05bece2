from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "rivya_app.desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from rivya_app.briefs import home
        from rivya_app.core import context
        from rivya_app.desk import home_part, job_sources, other_sources, sources, turn_sources
        from rivya_app.workspaces import audit

        everything = (*job_sources.SOURCES, *turn_sources.SOURCES, *other_sources.SOURCES)
        for source in everything:
            sources.register(source)
        home.register("desk", home_part.part)
        context.count_for("desk:index", home_part.stuck_count)
        audit.register(
            {
                "desk.ask": _("Asked Rivya about a job"),
                "desk.send": _("Had a job sent again"),
                "desk.copy": _("Had a result copied again"),
                "desk.release": _("Closed a job and let its credits go"),
                "desk.release_unsure": _("Closed a job without Rivya’s answer"),
                "desk.replay": _("Had a message of Rivya applied again"),
                "desk.note": _("Wrote a note about a job"),
                "desk.turn_look": _("Had a question’s session looked at"),
                "desk.turn_send": _("Had a question sent"),
                "desk.turn_give_up": _("Ended the search for what a question cost"),
                "desk.turn_note": _("Wrote a note about a question"),
                "desk.handle": _("Marked something as handled"),
                "desk.reopen": _("Put something back on the desk"),
            }
        )
