"""Django's own admin for the people who run the server: they read what money and jobs did, and
change nothing of it. Superusers may close accounts and make staff. Sealed columns never show.

It has no sign-in of its own: the guard lets in only staff who gave their password lately.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from rivya_app.chat import memberships as streams
from rivya_app.core.models import Letter
from rivya_app.core.sealed import SealedTextField
from rivya_app.credits.models import (
    Ask,
    CreditAccount,
    CreditExpiry,
    Difference,
    GateRule,
    LedgerEntry,
    Limit,
    Usage,
    WalletSnapshot,
)
from rivya_app.desk.models import Handled, Note
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.workspaces.models import AuditEntry, Membership, Pause, User, Workspace

# The rest of the package's routes: its own ways to sign in, and look-ups nobody here needs.
_NOT_OFFERED = {"login", "logout", "password_change", "password_change_done", "autocomplete"}
_NEVER_SHOWN = {"password", "body", "idempotency_key", "facts", "headers"}


class StaffSite(admin.AdminSite):
    site_header = site_title = _("Rivya workspace")
    index_title = _("What the server holds")
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        found = super().get_urls()
        kept = [url for url in found if getattr(url, "name", None) not in _NOT_OFFERED]
        for view in (getattr(url, "callback", None) for url in kept):
            if view is not None and hasattr(view, "login_url"):
                view.login_url = settings.LOGIN_URL  # where everybody signs in
        return kept


site = StaffSite(name="admin")


class ReadOnly(admin.ModelAdmin):
    """Rows of a table as they are; newest first, without what is sealed."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site.has_permission(request)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [field.name for field in self.opts.fields if is_shown(field)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sealed = [f.name for f in self.opts.fields if isinstance(f, SealedTextField)]
        return super().get_queryset(request).defer(*sealed)


class Users(ReadOnly):
    """Superusers may close an account, open it again and make somebody staff; nothing else."""

    list_display = ("email", "name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return site.has_permission(request) and bool(getattr(request.user, "is_superuser", False))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        streams.follow(obj)  # else what they have open goes on until its ticket ends

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        changing = ("is_active", "is_staff")
        return [name for name in self.get_fields(request, obj) if name not in changing]


def is_shown(field: Any) -> bool:
    """Neither sealed, nor long, nor free text that was meant for somebody else."""
    return not isinstance(field, SealedTextField) and field.name not in _NEVER_SHOWN


def _columns(model: type[Model], *columns: str) -> None:
    options = {"list_display": columns, "list_select_related": False}
    site.register(model, type(f"{model.__name__}Rows", (ReadOnly,), options))


site.register(User, Users)
_columns(Workspace, "name", "created_at")
_columns(Membership, "id", "roles", "is_active", "created_at", "ended_at")
_columns(Pause, "reason", "began_at", "ended_at")
_columns(AuditEntry, "act", "by", "subject", "created_at")
_columns(CreditAccount, "id", "available", "held", "wallet", "wallet_read_at")
_columns(LedgerEntry, "reference", "kind", "amount", "spent", "created_at")
_columns(WalletSnapshot, "balance", "expected", "cause", "read_at")
_columns(Usage, "scope", "subject_id", "period", "held", "spent")
_columns(Limit, "scope", "period", "amount", "is_hard", "ended_at")
_columns(GateRule, "above", "valid_hours", "created_at", "ended_at")
_columns(Ask, "title", "state", "amount", "asked_at", "expires_at")
_columns(Difference, "kind", "amount", "found_at")
_columns(CreditExpiry, "name", "kind", "credits", "ends_on", "removed_at")
_columns(Generation, "title", "status", "model_id", "error_code", "created_at", "finished_at")
_columns(GenerationEvent, "kind", "cause", "status_before", "status_after", "created_at")
_columns(StoredFile, "title", "state", "kind", "size", "created_at")
_columns(RemoteCopy, "kind", "state", "send_count", "expires_at")
_columns(ApiKey, "purpose", "environment", "state", "last_four", "last_used_at")
_columns(Workflow, "moment", "name", "is_main")
_columns(WebhookEndpoint, "name", "state", "trouble", "last_event_at")
_columns(InboxEvent, "event_type", "state", "reason", "received_at", "settled_at")
_columns(Letter, "state", "trouble", "made_at", "settled_at")
_columns(Note, "reference", "created_at")
_columns(Handled, "kind", "reference", "created_at")
