from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "rivya_app.generations"
    verbose_name = "Generations"

    def ready(self) -> None:
        from rivya_app.core.styleguide import sections
        from rivya_app.generations import failure_samples, jobs, telling
        from rivya_app.library import sources

        sources.register("generation", fresh_urls=jobs.fresh_urls, on_change=telling.file_changed)
        sections.register(failure_samples.SECTION)
