"""Links for people without an account: made, taken back, and opened.

A link's token is 256 random bits, shown once; the database knows only its hash.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.urls import reverse

from rivya_app.core import clock, tokens
from rivya_app.core.rows import found_or_404
from rivya_app.core.sealed import Secret
from rivya_app.handoff import access, gate, history
from rivya_app.handoff.models import Package, PackedFile, ShareLink
from rivya_app.workspaces.models import Membership, Role

MOST_DAYS = 90
USUAL_DAYS = 14
MOST_OPEN = 50  # links of one package that work at a time
# Who may let a package out of the house.
MAY_SHARE = (Role.SELLER, Role.MANAGER, Role.OWNER)


class NotDone(Exception):
    """A rule refused. `code` is a row of handoff/leaving_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Made:
    """A link and its token, which is shown once."""

    link: ShareLink
    token: Secret

    @property
    def url(self) -> Secret:
        """The whole address, for people."""
        path = reverse("shared-package", args=[self.token.reveal()])
        return Secret(f"{settings.SITE_URL}{path}")


@dataclass(frozen=True, slots=True)
class WantedLink:
    """What a person types. An empty passphrase is none."""

    given_to: str
    days: int
    passphrase: Secret


def make_link(*, member: Membership, package_id: UUID, wanted: WantedLink) -> Made:
    """A way in to this package alone. Raises Http404, PermissionDenied and NotDone."""
    if not member.has_role(*MAY_SHARE):
        raise PermissionDenied
    # Outside the transaction: hashing is slow by design.
    passphrase = make_password(wanted.passphrase.reveal()) if wanted.passphrase else ""
    with transaction.atomic(durable=True):
        package = access.package(member, package_id, lock=True)
        if not gate.may_leave(package):
            raise NotDone("not_ready")
        if working(package).count() >= MOST_OPEN:
            raise NotDone("too_many_links")
        return add(package, member, wanted.given_to, days=wanted.days, passphrase=passphrase)


def add(
    package: Package, member: Membership, given_to: str, *, days: int, passphrase: str = ""
) -> Made:
    """The row and its token, inside the caller's transaction. `passphrase` is hashed."""
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"A link works for 1 to {MOST_DAYS} days.")
    token = tokens.new()
    link = ShareLink.objects.create(
        package=package,
        token_hash=tokens.hash_of(token),
        passphrase=passphrase,
        given_to=given_to,
        made_by=member,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    history.note(package, "shared", member=member, to=given_to, days=days)
    return Made(link, Secret(token))


def revoke_link(*, member: Membership, public_id: UUID) -> ShareLink:
    """From now on it opens nothing. Again changes nothing. Raises Http404, PermissionDenied."""
    with transaction.atomic(durable=True):
        link = link_of(member, public_id, lock=True)
        if not member.has_role(*MAY_SHARE):
            raise PermissionDenied
        if link.revoked_at is None:
            link.revoked_at, link.revoked_by = clock.now(), member
            link.save(update_fields=["revoked_at", "revoked_by"])
            history.note(link.package, "revoked", member=member, to=link.given_to)
    return link


def link_of(member: Membership, public_id: UUID, *, lock: bool = False) -> ShareLink:
    """One link of the member's workspace. Raises Http404."""
    rows = ShareLink.objects.filter(package__workspace=member.workspace_id)
    return found_or_404(rows.select_related("package"), lock=lock, public_id=public_id)


def working(package: Package) -> QuerySet[ShareLink]:
    """The links that open it now."""
    return package.links.filter(revoked_at=None, expires_at__gt=clock.now())


# --- From outside ---------------------------------------------------------------------------------


def opened(token: str) -> ShareLink:
    """The link of this token, with its package. Raises Http404, in the same way for a token that
    is unknown, over, taken back, or of a package that may not leave any more."""
    rows = ShareLink.objects.select_related("package__workspace")
    link = rows.filter(token_hash=tokens.hash_of(token), revoked_at=None).first()
    if link is None or link.expires_at <= clock.now() or not gate.may_leave(link.package):
        raise Http404
    return link


def packed_in(link: ShareLink, public_id: UUID) -> PackedFile:
    """One file of the link's package and of no other. Raises Http404."""
    rows = PackedFile.objects.filter(item__package=link.package_id).exclude(storage_name="")
    return found_or_404(rows.select_related("item__package"), public_id=public_id)


def count_view(link: ShareLink) -> None:
    """Somebody looked; the first look is written down with the package."""
    with transaction.atomic(durable=True):
        rows = ShareLink.objects.filter(pk=link.pk)
        is_first = rows.filter(view_count=0).update(view_count=1, seen_at=clock.now()) == 1
        if is_first:
            history.note(link.package, "opened", to=link.given_to)
        else:
            rows.update(view_count=F("view_count") + 1, seen_at=clock.now())


def count_download(link: ShareLink) -> None:
    """Somebody takes the whole package."""
    with transaction.atomic(durable=True):
        ShareLink.objects.filter(pk=link.pk).update(
            download_count=F("download_count") + 1, seen_at=clock.now()
        )
        history.note(link.package, "taken", to=link.given_to)


def count_own_download(*, member: Membership, package: Package) -> None:
    """A member takes the whole package."""
    with transaction.atomic(durable=True):
        history.note(package, "downloaded", member=member)
