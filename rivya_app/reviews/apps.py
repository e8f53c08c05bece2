from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "rivya_app.reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from rivya_app.briefs import chain, home
        from rivya_app.briefs import standing as stands
        from rivya_app.briefs import wishes as wanted
        from rivya_app.core import context
        from rivya_app.credits import gate
        from rivya_app.generations import marks as job_marks
        from rivya_app.generations import origins as led_by
        from rivya_app.library import uses
        from rivya_app.reviews import (
            access,
            concepts,
            gating,
            handing_on,
            home_parts,
            marks,
            origins,
            standing,
            steps,
            tallies,
            wishes,
        )
        from rivya_app.workspaces import leaving

        leaving.register("reviews", handing_on.hand_on)
        uses.answer_for("review", access.still_waiting)
        job_marks.register("reviews", marks.marks)
        job_marks.register("videos", marks.video_marks)
        home.register("reviews", home_parts.part_of)
        context.count_for("reviews:queue", tallies.badge_count)
        wanted.register("reviews", wishes.of_jobs)
        led_by.register("reviews", origins.of_job)
        stands.register("reviews", standing.of_briefs)
        chain.register("reviews", steps.of_brief)
        gate.on_answer(
            "concept", concepts.carry_out, price_now=gating.price_now, about=gating.about
        )
