from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "rivya_app.reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from rivya_app.library import uses
        from rivya_app.reviews import access

        uses.answer_for("review", access.still_waiting)
