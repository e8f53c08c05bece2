"""A place in a workspace offered by e-mail: offered, sent anew, taken back, taken.

Whoever holds the link may take the place, once. The link stands in the letter and nowhere else;
the database knows a hash of its token. Locks: the team, then the invitation.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from rivya_app.core import clock, letters, tokens
from rivya_app.core.sealed import Secret
from rivya_app.workspaces import access, audit, returning, role_words, team
from rivya_app.workspaces.models import Invitation, Membership, Role, User

DAYS = 7
SEND_AGAIN_AFTER = timedelta(minutes=5)
MOST_SENT = 10  # letters of one invitation
MOST_OPEN = 100  # of one workspace


class NotDone(Exception):
    """A rule refused; `code` is a row of team_words.REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invitation as typed and checked by the form."""

    email: str
    roles: tuple[str, ...]
    name: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a person without an account chooses."""

    name: str
    password: Secret


@transaction.atomic(durable=True)
def invite(*, member: Membership, wanted: Wanted) -> Invitation:
    """Offer a place and write the letter. Raises PermissionDenied; NotDone where the person is in
    the team, or has an offer that is open, or too many are."""
    team.lock_team(member.workspace)
    _require_owner(member)
    _require_room(member, wanted.email)
    token = tokens.new()
    row = Invitation.objects.create(
        workspace=member.workspace,
        email=wanted.email.lower(),
        name=wanted.name,
        roles=list(wanted.roles),
        language=wanted.language,
        token_hash=tokens.hash_of(token),
        invited_by=member,
        created_at=clock.now(),
        sent_at=clock.now(),
        expires_at=clock.now() + timedelta(days=DAYS),
    )
    _write_letter(row, token)
    _note(row, "team.invited", member)
    return row


@transaction.atomic(durable=True)
def send_again(*, member: Membership, public_id: UUID | str) -> Invitation:
    """A new letter with a new link; the old one ends. Raises Http404, PermissionDenied, NotDone."""
    row = _open_row(member, public_id)
    if row.sent_count >= MOST_SENT:
        raise NotDone("sent_often")
    if clock.now() - row.sent_at < SEND_AGAIN_AFTER:
        raise NotDone("sent_just_now")
    token = tokens.new()
    row.token_hash = tokens.hash_of(token)
    row.sent_at, row.sent_count = clock.now(), row.sent_count + 1
    row.expires_at = clock.now() + timedelta(days=DAYS)
    row.save(update_fields=["token_hash", "sent_at", "sent_count", "expires_at"])
    _write_letter(row, token)
    _note(row, "team.invited_again", member)
    return row


@transaction.atomic(durable=True)
def revoke(*, member: Membership, public_id: UUID | str) -> Invitation:
    """Its link opens nothing from now on. Again changes nothing. Raises Http404, PermissionDenied,
    NotDone where it was taken already."""
    row = _locked(member, public_id)
    _require_owner(member)
    if row.accepted_at is not None:
        raise NotDone("taken")
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at"])
        _note(row, "team.invitation_revoked", member)
    return row


# --- From outside ---------------------------------------------------------------------------------


def opened(token_hash: str) -> Invitation:
    """What this link offers. Raises Http404, in the same way for a link that is unknown, over,
    revoked or used."""
    row = Invitation.objects.filter(token_hash=token_hash)
    found = row.select_related("workspace", "invited_by__user").first()
    if found is None or not is_open(found):
        raise Http404
    return found


def is_open(row: Invitation) -> bool:
    return row.accepted_at is None and row.revoked_at is None and clock.now() < row.expires_at


def account_of(row: Invitation) -> User | None:
    """The account with this address that somebody can sign in to."""
    known = User.objects.filter(email__iexact=row.email).first()
    return known if known and known.has_usable_password() else None


def is_for(row: Invitation, user: User) -> bool:
    """Whether the place is offered to this person's address."""
    return user.email.lower() == row.email.lower()


def accept(*, token_hash: str, user: User) -> Membership:
    """The person with this address joins. Raises Http404 for what does not open any more, and
    PermissionDenied for anybody else."""
    with transaction.atomic(durable=True):
        row = _taken(token_hash)
        if not is_for(row, user):
            raise PermissionDenied
        return _join(row, user)


def accept_as_newcomer(*, token_hash: str, newcomer: Newcomer) -> Membership:
    """An account for the invited address, and in. Raises Http404, and PermissionDenied where the
    address has an account by now."""
    password = make_password(newcomer.password.reveal())  # slow by design, so before the locks
    try:
        with transaction.atomic(durable=True):
            row = _taken(token_hash)
            if account_of(row) is not None:
                raise PermissionDenied
            return _join(row, _new_account(row, newcomer.name, password))
    except IntegrityError as error:
        if "user_email" not in str(error):  # the name of either constraint
            raise
        raise PermissionDenied from None


def _new_account(row: Invitation, name: str, password: str) -> User:
    """The link came to this address, so whoever holds it may set its first password."""
    user = User.objects.filter(email__iexact=row.email).first() or User(email=row.email.lower())
    if not user.is_active:
        raise Http404
    user.name, user.password = name, password
    user.language = user.language or row.language
    user.save()
    return user


def _taken(token_hash: str) -> Invitation:
    """The invitation of this link under its lock, if it still opens. Raises Http404."""
    row = _locked_by_hash(token_hash)
    if row is None or not is_open(row):
        raise Http404
    return row


def _locked_by_hash(token_hash: str) -> Invitation | None:
    rows = Invitation.objects.select_related("workspace").select_for_update(of=("self",))
    return rows.filter(token_hash=token_hash).first()


def _join(row: Invitation, user: User) -> Membership:
    """A new membership, or the former one again, with all that hangs on it."""
    member, is_new = Membership.objects.get_or_create(
        workspace=row.workspace, user=user, defaults={"roles": row.roles}
    )
    if not is_new and not member.is_active:
        member.roles = row.roles
        member.is_active, member.ended_at, member.heir = True, None, None
        member.save(update_fields=["roles", "is_active", "ended_at", "heir"])
        returning.welcome(member)
    row.accepted_at, row.accepted_by = clock.now(), member
    row.save(update_fields=["accepted_at", "accepted_by"])
    facts = {"roles": ", ".join(member.roles)}
    audit.note(row.workspace, "team.joined", member=member, subject=str(user), facts=facts)
    return member


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied


def _require_room(member: Membership, email: str) -> None:
    """One that is over gives way to a new one."""
    if access.member_named(member.workspace, email) is not None:
        raise NotDone("in_team")
    mine = access.invitations(member)
    if open_one := mine.filter(email__iexact=email).first():
        if is_open(open_one):
            raise NotDone("invited")
        mine.filter(pk=open_one.pk).update(revoked_at=clock.now())
    if mine.filter(expires_at__gt=clock.now()).count() >= MOST_OPEN:
        raise NotDone("too_many")


def _locked(member: Membership, public_id: UUID | str) -> Invitation:
    return access.invitation(member, public_id, lock=True)


def _open_row(member: Membership, public_id: UUID | str) -> Invitation:
    row = _locked(member, public_id)
    _require_owner(member)
    if row.accepted_at is not None:
        raise NotDone("taken")
    if row.revoked_at is not None:
        raise Http404
    return row


def letter_key(row: Invitation) -> str:
    """The name of its newest letter."""
    return f"invitation:{row.public_id}:{row.sent_count}"


def _write_letter(row: Invitation, token: str) -> None:
    link = f"{settings.SITE_URL}{reverse('accept-invitation', args=[token])}"
    with override(row.language):
        said = {"name": row.invited_by, "workspace": row.workspace}
        subject = _("%(name)s invites you to %(workspace)s") % said
        context = {
            "subject": subject,
            "invitation": row,
            "workspace": row.workspace,
            "roles": role_words.named(row.roles),
            "link": link,
            "days": DAYS,
        }
        letters.write(
            key=letter_key(row),
            to=row.email,
            subject=subject,
            text=render_to_string("letters/invitation.txt", context),
            html=render_to_string("letters/invitation.html", context),
        )


def _note(row: Invitation, act: str, member: Membership) -> None:
    facts = {"roles": ", ".join(row.roles)}
    audit.note(row.workspace, act, member=member, subject=row.email, facts=facts)
