from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "rivya_app.reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from rivya_app.briefs import chain
        from rivya_app.briefs import standing as stands
        from rivya_app.briefs import wishes as wanted
        from rivya_app.generations import origins as led_by
        from rivya_app.library import uses
        from rivya_app.reviews import access, origins, standing, steps, wishes

        uses.answer_for("review", access.still_waiting)
        wanted.register("reviews", wishes.of_jobs)
        led_by.register("reviews", origins.of_job)
        stands.register("reviews", standing.of_briefs)
        chain.register("reviews", steps.of_brief)
