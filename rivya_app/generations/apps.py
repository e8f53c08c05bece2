from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "rivya_app.generations"
    verbose_name = "Generations"

    def ready(self) -> None:
        from rivya_app.core.styleguide import sections
        from rivya_app.gateway import inbox, key_links, records
        from rivya_app.generations import (
            access,
            doorbell,
            failure_samples,
            jobs,
            key_work,
            references,
            sweep,
            telling,
        )
        from rivya_app.generations.records import of_models
        from rivya_app.library import remote, sources, uses
        from rivya_app.workspaces import pauses

        records.register(of_models)
        key_links.register("generations", key_work.LINKS)
        sources.register("generation", fresh_urls=jobs.fresh_urls, on_change=telling.file_changed)
        uses.answer_for("generation", access.still_open)
        remote.on_decided(references.on_copy_decided)
        for event_type in doorbell.EVENTS:
            inbox.register(event_type, doorbell.ring)
        pauses.when_over("generations", sweep.resume_after_pause)
        sections.register(failure_samples.SECTION)
