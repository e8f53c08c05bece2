from django.apps import AppConfig


class BriefsConfig(AppConfig):
    name = "rivya_app.briefs"
    verbose_name = "Briefs"

    def ready(self) -> None:
        from rivya_app.briefs import (
            abouts,
            access,
            chain,
            from_talk_origins,
            gating,
            handing_on,
            home,
            outcomes,
            standing,
            talk_part,
        )
        from rivya_app.chat import abouts as talked_about
        from rivya_app.chat import outcomes as of_answers
        from rivya_app.credits import gate
        from rivya_app.generations import origins as led_by
        from rivya_app.library import uses
        from rivya_app.workspaces import leaving

        uses.answer_for("brief", access.still_waiting)
        leaving.register("briefs", handing_on.hand_on)
        gate.on_answer("brief", gating.carry_out, price_now=gating.price_now, about=gating.about)
        home.register("talk", talk_part.part)
        standing.register("gate", gating.facts_of)
        chain.register("gate", gating.steps_of)
        of_answers.register("attempts", outcomes.attempts_of)
        of_answers.register("briefs", outcomes.briefs_of)
        led_by.register("assistant", from_talk_origins.of_job)
        talked_about.register("brief", abouts.of_brief)
        talked_about.register("generation", abouts.of_job)
