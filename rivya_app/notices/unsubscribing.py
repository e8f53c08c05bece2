"""Signed addresses that stop e-mail without a sign-in: of one kind, or all of a workspace's.

They do nothing else, do not end, and are shown to nobody but the reader of the letter.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import Http404
from django.urls import reverse

from rivya_app.core.rows import found_or_404
from rivya_app.notices import ways
from rivya_app.notices.models import Mail, Notice
from rivya_app.workspaces.models import Membership

_SALT = "notices.unsubscribe"


@dataclass(frozen=True)
class Stop:
    """Whose e-mail, and of which kind; "" for all of it."""

    member: Membership
    kind: str

    @property
    def kind_words(self) -> str:
        return str(Notice.Kind(self.kind).label) if self.kind else ""

    @property
    def is_stopped(self) -> bool:
        """Whether nothing of this comes by e-mail as it is."""
        wants_mail = ways.postbox_of(self.member).wants_mail
        return not wants_mail or (
            bool(self.kind) and ways.of(self.member)[self.kind].mail == Mail.NONE
        )


def url_of(member: Membership, kind: str = "") -> str:
    """The absolute address that stops this kind for this member, or everything."""
    token = signing.dumps([str(member.public_id), kind], salt=_SALT)
    return f"{settings.SITE_URL}{reverse('notices:unsubscribe', args=[token])}"


def stop_of(token: str) -> Stop:
    """What an address stands for. Raises Http404 for one that is not ours."""
    try:
        public_id, kind = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    rows = Membership.objects.select_related("user", "workspace")
    member = found_or_404(rows, public_id=public_id)
    if kind and kind not in ways.WAYS:
        raise Http404
    return Stop(member, kind)
