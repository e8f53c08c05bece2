from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "rivya_app.core"
    verbose_name = "Core"

    def ready(self) -> None:
        # Tasks published from a web process need the configured Celery application; the package's
        # __init__ stays free of it so that the API client imports neither Celery nor Django.
        import rivya_app.celery  # noqa: F401
        from rivya_app.core import checks  # noqa: F401
