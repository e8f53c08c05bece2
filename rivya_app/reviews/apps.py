from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "rivya_app.reviews"
    verbose_name = "Reviews"
