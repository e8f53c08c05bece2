"""Compare the configured Rivya with what this product was built on."""

from argparse import ArgumentParser
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from rivya_app.gateway import webhook_proof
from rivya_app.gateway.clients import client_for, public_client
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient
from rivya_app.rivya_api.doctor import Finding, examine

_WORDS = {"agrees": "agrees", "differs": "DIFFERS", "cannot_tell": "cannot tell"}


class Command(BaseCommand):
    help = (
        "Ask Rivya for its contract, its models and, with a key, its credits and scopes; print "
        "what agrees with what we rely on. Spends nothing. Ends with 1 where something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--key", metavar="PURPOSE", help="use the stored key of this purpose")
        parser.add_argument(
            "--webhook",
            action="store_true",
            help="also have Rivya send its test event to our endpoint of that key's account",
        )
        parser.add_argument("--workspace", help="its name, where several have such a key")

    def handle(self, *_args: Any, **options: Any) -> None:
        purpose = options["key"]
        key = _key(purpose, options["workspace"]) if purpose else None
        if options["webhook"] and key is None:
            raise CommandError("--webhook needs --key: it asks in that key's account.")
        with _client(key) as rivya:
            findings = examine(rivya, has_key=key is not None)
        if options["webhook"] and key is not None:
            findings.append(webhook_proof.prove(key))
        self.stdout.write(f"{settings.RIVYA_BASE_URL}, {key or 'without a key'}\n\n")
        self.stdout.write(_table(findings))
        wrong = [each for each in findings if each.is_harmful]
        self.stdout.write(f"\n{len(findings)} looked at, {len(wrong)} that we rely on differ.")
        if wrong:
            raise SystemExit(1)


def _client(key: ApiKey | None) -> AbstractContextManager[RivyaClient]:
    return client_for(key) if key else public_client()


def _key(purpose: str, workspace: str | None) -> ApiKey:
    found = ApiKey.objects.filter(purpose=purpose).exclude(state=ApiKey.State.RETIRED)
    if workspace:
        found = found.filter(workspace__name=workspace)
    keys = list(found[:2])
    if len(keys) != 1:
        reason = "There are several keys" if keys else "There is no key in use"
        raise CommandError(f"{reason} for {purpose!r}.")
    return keys[0]


def _table(findings: list[Finding]) -> str:
    rows = [
        (each.area, each.name, _WORDS[each.verdict], "*" if each.is_relied_on else "", each.detail)
        for each in findings
    ]
    rows.insert(0, ("area", "name", "verdict", "*", "detail (*: we rely on it)"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = (
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]])
        for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)
