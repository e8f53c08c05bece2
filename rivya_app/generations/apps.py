from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "rivya_app.generations"
    verbose_name = "Generations"

    def ready(self) -> None:
        from rivya_app.core.styleguide import sections
        from rivya_app.gateway import inbox
        from rivya_app.generations import access, doorbell, failure_samples, jobs, telling
        from rivya_app.library import sources, uses

        sources.register("generation", fresh_urls=jobs.fresh_urls, on_change=telling.file_changed)
        uses.answer_for("generation", access.still_open)
        for event_type in doorbell.EVENTS:
            inbox.register(event_type, doorbell.ring)
        sections.register(failure_samples.SECTION)
