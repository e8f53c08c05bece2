from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "rivya_app.reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from rivya_app.briefs import home
        from rivya_app.core import context
        from rivya_app.generations import marks as job_marks
        from rivya_app.library import uses
        from rivya_app.reviews import access, home_parts, marks, tallies

        uses.answer_for("review", access.still_waiting)
        job_marks.register("reviews", marks.marks)
        job_marks.register("videos", marks.video_marks)
        home.register("reviews", home_parts.part_of)
        context.count_for("reviews:queue", tallies.badge_count)
