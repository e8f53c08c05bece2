from django.apps import AppConfig


class GenerationsConfig(AppConfig):
    name = "rivya_app.generations"
    verbose_name = "Generations"

    def ready(self) -> None:
        from rivya_app.core.styleguide import sections
        from rivya_app.credits import differences
        from rivya_app.credits import subjects as credit_subjects
        from rivya_app.gateway import inbox, key_links, records
        from rivya_app.generations import (
            access,
            doorbell,
            failure_samples,
            jobs,
            key_work,
            references,
            subjects,
            sweep,
            telling,
        )
        from rivya_app.generations.records import kept_by_failed, of_models
        from rivya_app.library import remote, sources, uses
        from rivya_app.workspaces import pauses

        records.register(of_models)
        differences.register_kept("generations", kept_by_failed)
        key_links.register("generations", key_work.LINKS)
        sources.register("generation", fresh_urls=jobs.fresh_urls, on_change=telling.file_changed)
        uses.answer_for("generation", access.still_open)
        credit_subjects.register("generation", subjects.describe, kept=subjects.kept)
        remote.on_decided("generations", references.on_copy_decided)
        for event_type in doorbell.EVENTS:
            inbox.register(event_type, doorbell.ring)
        pauses.when_over("generations", sweep.resume_after_pause)
        sections.register(failure_samples.SECTION)
