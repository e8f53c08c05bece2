"""Which notices leave as e-mail, and when. The only module that clears `Notice.mail_due_at`.

What comes within a moment is one letter. A notice is looked at under the lock of its member, so
that two sweeps never mail it twice; the letter's key says it once more.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from rivya_app.core import clock, letters
from rivya_app.notices import composing, ways
from rivya_app.notices.models import Mail, Notice, Postbox
from rivya_app.workspaces.middleware import zone_of
from rivya_app.workspaces.models import Membership

GATHERING = timedelta(seconds=75)  # from the first notice to the letter that holds all since
# What is older is no news: it was told while mail was off, or its time was made up (a demo's past).
NO_NEWS = timedelta(hours=36)
BATCH = 500


def due_after(moment: datetime) -> datetime:
    """When a notice written now is looked at."""
    return moment + GATHERING


def sweep() -> int:
    """Look at every member who has something due. Returns how many letters were written."""
    now = clock.now()
    due = Notice.objects.filter(mail_due_at__lte=now).order_by("member_id")
    ids = list(due.values_list("member_id", flat=True).distinct()[:BATCH])
    return sum(_mail(member_id, now) for member_id in ids)


@transaction.atomic(durable=True)
def _mail(member_id: int, now: datetime) -> bool:
    """Write the letter of one member, if one is due. False too where another sweep is at it."""
    member = _lock(member_id)
    if member is None:
        return False
    waiting = list(_gathered(member, now))
    leaving, later = _sorted(member, waiting, now)
    for due_at in set(later.values()):
        ids = [pk for pk, moment in later.items() if moment == due_at]
        Notice.objects.filter(pk__in=ids).update(mail_due_at=due_at)
    over = [notice.pk for notice in waiting if notice.pk not in later]
    Notice.objects.filter(pk__in=over).update(mail_due_at=None)
    return bool(leaving) and _write(member, leaving)


def _lock(member_id: int) -> Membership | None:
    """One sweep at a time for one member. Notices may still be written for them meanwhile."""
    rows = Membership.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    return rows.select_related("user", "workspace").filter(pk=member_id).first()


def _gathered(member: Membership, now: datetime) -> QuerySet[Notice]:
    """What is due, and what came since: it need not wait for a letter of its own."""
    return Notice.objects.filter(member=member, mail_due_at__lte=now + GATHERING).order_by("pk")


def _sorted(
    member: Membership, waiting: list[Notice], now: datetime
) -> tuple[list[Notice], dict[int, datetime]]:
    """What goes into the letter, and when the rest is looked at again. What is in neither was read
    meanwhile, is not wanted by e-mail, or is no news."""
    choices, postbox = ways.of(member), ways.postbox_of(member)
    if not (postbox.wants_mail and member.is_active and member.user.is_active):
        return [], {}
    leaving, later = [], {}
    for notice in waiting:
        mail = choices[notice.kind].mail if notice.kind in choices else Mail.NONE
        if notice.is_read or mail == Mail.NONE or notice.created_at < now - NO_NEWS:
            continue
        if mail == Mail.DIGEST and (at := digest_after(notice.created_at, postbox)) > now:
            later[notice.pk] = at
        else:
            leaving.append(notice)
    return leaving, later


def digest_after(moment: datetime, postbox: Postbox) -> datetime:
    """The next time after `moment` at which it is the digest's hour where the member is."""
    local = moment.astimezone(zone_of(postbox.member.user))
    at = local.replace(hour=postbox.digest_hour, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def _write(member: Membership, leaving: list[Notice]) -> bool:
    """One letter, known by its first notice. Where that was mailed before, the others still go."""
    while leaving:
        letter = composing.compose(member, leaving)
        key = f"notices:{leaving[0].public_id}"
        if letters.write(key=key, to=member.user.email, **letter):
            return True
        leaving = leaving[1:]
    return False


def look_again(member: Membership) -> None:
    """The member chose anew: what waits for its hour is judged by that."""
    rows = Notice.objects.filter(member=member, mail_due_at__gt=clock.now() + GATHERING)
    rows.update(mail_due_at=clock.now())
