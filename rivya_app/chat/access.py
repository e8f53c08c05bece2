"""Who may reach which conversation: its own member; every member where it is shared, to read.

Nobody else reads a private one: neither owners nor support.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from rivya_app.chat.models import OPEN_STATUSES, Conversation, Status, Turn
from rivya_app.core.rows import found_or_404
from rivya_app.workspaces.models import Membership, Role

# Support puts things right and spends nothing, so it does not ask either.
MAY_CHAT = (Role.RESEARCHER, Role.SELLER, Role.MANAGER, Role.OWNER)


def own_conversations(member: Membership) -> QuerySet[Conversation]:
    """The member's own, those asked last first."""
    rows = Conversation.objects.filter(member=member)
    return rows.select_related("workspace", "member__user", "workflow")


def shared_conversations(member: Membership) -> QuerySet[Conversation]:
    """Those of other members that the workspace may read."""
    rows = Conversation.objects.filter(workspace=member.workspace_id, is_shared=True)
    return rows.exclude(member=member).select_related("workspace", "member__user", "workflow")


def conversations_about(member: Membership, references: Collection[str]) -> QuerySet[Conversation]:
    """Those about one of these things that the member may read, asked last first."""
    rows = Conversation.objects.filter(_readable(member, ""), about__in=references)
    return rows.filter(archived_at=None).select_related("member__user")


def own_conversation(
    member: Membership, public_id: UUID | str, *, lock: bool = False
) -> Conversation:
    """One of the member's own, under its lock if asked. Raises Http404."""
    return found_or_404(own_conversations(member), lock=lock, public_id=public_id)


def readable_conversations(member: Membership) -> QuerySet[Conversation]:
    """Every conversation that the member may read."""
    return Conversation.objects.filter(_readable(member, ""))


def readable_conversation(member: Membership, public_id: UUID | str) -> Conversation:
    """One that the member may read. Raises Http404."""
    related = readable_conversations(member).select_related(
        "workspace", "member__user", "workflow__api_key", "continues"
    )
    return found_or_404(related.defer("workflow__api_key__secret"), public_id=public_id)


def turns_of(conversation: Conversation) -> QuerySet[Turn]:
    """Its turns in their order. The caller has been let through to the conversation."""
    return conversation.turns.select_related("member__user").defer("body").order_by("number")


def readable_turns(member: Membership) -> QuerySet[Turn]:
    """Every turn that the member may read."""
    rows = Turn.objects.filter(_readable(member, "conversation__"))
    return rows.select_related("conversation", "member__user")


def readable_turn(member: Membership, public_id: UUID | str) -> Turn:
    """One turn that the member may read. Raises Http404."""
    return found_or_404(readable_turns(member), public_id=public_id)


def own_turn(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Turn:
    """A turn of the member's own conversations, under its lock if asked. Raises Http404."""
    rows = Turn.objects.filter(conversation__member=member)
    related = rows.select_related(
        "conversation", "member__user", "workspace", "workflow", "api_key"
    )
    return found_or_404(related, lock=lock, public_id=public_id)


def turns_at_desk(member: Membership) -> QuerySet[Turn]:
    """Every turn of the member's workspace, for those who put things right. What was asked and
    answered is private, so it is not even read."""
    rows = Turn.objects.filter(workspace=member.workspace_id)
    related = rows.select_related("member__user", "workspace", "workflow", "api_key")
    return related.defer("question", "context", "answer", "body", "api_key__secret")


def turn_at_desk(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Turn:
    """One turn of the workspace, under its lock if asked. Raises Http404."""
    return found_or_404(turns_at_desk(member), lock=lock, public_id=public_id)


def sent(references: Collection[str]) -> set[str]:
    """Those of these turns that Rivya may have reserved credits for: it tells of them only when
    the answer ends."""
    ids = [reference.partition(":")[2] for reference in references]
    rows = Turn.objects.filter(public_id__in=ids, sent_at__isnull=False)
    found = rows.exclude(status=Status.PENDING, is_uncertain=False)
    return {turn.reference for turn in found.only("public_id")}


def still_open(references: Collection[str]) -> set[str]:
    """Those of these turns (`turn:<uuid>`) that are not closed and need their files."""
    ids = [reference.partition(":")[2] for reference in references]
    found = Turn.objects.filter(public_id__in=ids, status__in=OPEN_STATUSES)
    return {turn.reference for turn in found.only("public_id")}


def may_read(member: Membership, conversation: Conversation) -> bool:
    """Whether the member may read a conversation that is in hand already."""
    if conversation.member_id == member.pk:
        return True
    return conversation.is_shared and conversation.workspace_id == member.workspace_id


def _readable(member: Membership, prefix: str) -> Q:
    own = Q(**{f"{prefix}member": member})
    shared = Q(**{f"{prefix}workspace": member.workspace_id, f"{prefix}is_shared": True})
    return own | shared
