"""`manage.py translations`: keep, check or compile the catalogues (needs no GNU gettext)."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from rivya_app.core import catalogues


class Command(BaseCommand):
    help = "Keep the translations in line with the code (--update), check them, or compile them."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--update", action="store_true", help="bring the .po files up to date")
        act.add_argument("--check", action="store_true", help="fail unless they are complete")
        act.add_argument("--compile", action="store_true", help="write the .mo files Django reads")

    def handle(self, *args: object, **options: object) -> None:
        if options["update"]:
            self.update()
        elif options["check"]:
            self.check_catalogues()
        else:
            for path in catalogues.compile_all():
                self.stdout.write(path.relative_to(catalogues.ROOT).as_posix())

    def update(self) -> None:
        for language in catalogues.LANGUAGES:
            changed = catalogues.update(language)
            open_count = len(catalogues.check(language))
            state = "updated" if changed else "unchanged"
            self.stdout.write(f"{language}: {state}, {open_count} to translate or mend")

    def check_catalogues(self) -> None:
        """Raises CommandError with one line for each fault."""
        faults = [
            f"{language}: {fault}"
            for language in catalogues.LANGUAGES
            for fault in catalogues.check(language)
        ]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{', '.join(catalogues.LANGUAGES)}: complete")
