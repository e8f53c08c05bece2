"""How people get in. Accounts are made by an owner, never by a stranger."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, override

from rivya_app.core import letters
from rivya_app.workspaces import sign_in_audit
from rivya_app.workspaces.demo import is_demo_person
from rivya_app.workspaces.models import User


class AsLetters(BaseEmailBackend):
    """Writes letters instead of talking to a mail server while somebody waits for their page."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        with transaction.atomic():
            for message in email_messages:
                html = [
                    body for body, kind in getattr(message, "alternatives", ()) if "html" in kind
                ]
                letters.write(
                    key=f"account:{uuid4()}",
                    to=message.to[0],
                    subject=str(message.subject),
                    text=str(message.body),
                    html=str(html[0]) if html else "",
                )
        return len(email_messages)


class AccountAdapter(DefaultAccountAdapter):
    """Closes sign-up, keeps demo people out of real runs, writes in the reader's language, and has
    failures noted."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if is_demo_person(user) and not settings.DEMO:
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_audit.note_failure(request, str(credentials.get("email") or ""))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        reader = context.get("user")
        chosen = reader.language if isinstance(reader, User) else ""
        with override(chosen or get_language()):
            super().send_mail(template_prefix, email, context)

    def render_mail(self, *args: Any, **kwargs: Any) -> EmailMessage:
        message: EmailMessage = super().render_mail(*args, **kwargs)
        message.connection = AsLetters()
        return message


def password_link(user: User) -> str:
    """An address where this person sets a password, once; it ends when a password is set."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
    return f"{settings.SITE_URL}{path}"
