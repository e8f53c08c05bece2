from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "rivya_app.chat"
    verbose_name = "The assistant"

    def ready(self) -> None:
        from rivya_app.chat import (
            abouts,
            access,
            attachments,
            caps,
            file_abouts,
            gating,
            handing_on,
            key_work,
            memberships,
            subjects,
            sweep,
            turn_samples,
        )
        from rivya_app.core.styleguide import sections
        from rivya_app.credits import gate, holds, own_share
        from rivya_app.credits import subjects as credit_subjects
        from rivya_app.gateway import key_links
        from rivya_app.library import remote, uses
        from rivya_app.workspaces import leaving, pauses, returning

        abouts.register("file", file_abouts.of_file)
        key_links.register("chat", key_work.LINKS)
        uses.answer_for("turn", access.still_open)
        credit_subjects.register("turn", subjects.describe, kept=subjects.kept)
        holds.register("turn", access.sent)
        own_share.register("chat", caps.rooms_of)
        remote.on_decided("chat", attachments.on_copy_decided)
        gate.on_answer("turn", gating.carry_out, price_now=gating.price_now, about=gating.about)
        leaving.register("chat", handing_on.hand_on)
        pauses.when_over("chat", sweep.resume_after_pause)
        leaving.register("chat streams", memberships.close_streams)
        returning.register("chat", memberships.open_streams)
        sections.register(turn_samples.SECTION)
