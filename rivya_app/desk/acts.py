"""What somebody at the desk can do to a job: one act each, with why it cannot help where it cannot.

All of them leave the job what it is (same row, key and bytes) or end it; none can be charged for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.generations import lifecycle, repairs
from rivya_app.generations.models import Generation, Status
from rivya_app.library.models import StoredFile
from rivya_app.library.repairs import can_be_copied, copy_again
from rivya_app.workspaces.models import Membership

Text = str | Promise
Looked = TypeVar("Looked")  # a thing as its acts look at it


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as an act looks at it. `lost`: keys of its stored files whose bytes are not there."""

    job: Generation
    files: list[StoredFile]
    lost: frozenset[int] = frozenset()
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Act(Generic[Looked]):
    """`why_not` is a code of WHY_NOT, "" where it helps; `do` says whether it changed anything.

    `do` runs under the thing's lock, inside the transaction that also writes it down.
    """

    code: str
    label: Text  # on the button
    about: Text  # what it does, in one sentence
    done: Text  # what is said afterwards
    again: Text  # what is said where the same was done already
    icon: str
    why_not: Callable[[Looked], str]
    do: Callable[[Looked, Membership, str], bool]
    needs_reason: bool = False


WHY_NOT: dict[str, Text] = {
    "closed": _("The job is over."),
    "being_sent": _("It is being sent at this moment. In two minutes it is clear what came of it."),
    "not_sent": _("Rivya does not have it yet, so there is nothing to ask."),
    "at_rivya": _("Rivya has it: it is asked about, not sent."),
    "body_changed": _("What is stored is not what was frozen; sending it would be another job."),
    "paused": _("Work is paused. It goes by itself when the pause ends."),
    "uncertain": _("Whether Rivya has it is not known, so its credits cannot be let go safely."),
    "runs": _("It runs at Rivya, and Rivya answers."),
    "sure": _("It is certain that nothing runs: let the credits go without this step."),
    "copied": _("Its files are here."),
    "no_files": _("It has no files to copy."),
    "removed": _("Its files were removed here."),
    "not_yours": _("Nothing like this is in your workspace."),
    "other": _("This step is for jobs only."),
    "is_handled": _("It is marked already."),
    "not_handled": _("It is not marked as handled."),
    "other_than_question": _("This step is for questions only."),
    "answer_open": _("It is still open. What it cost is asked when it is over."),
    "question_over": _("The question is over."),
    "being_answered": _("It is being answered at this moment."),
    "waits_for_yes": _("It waits for an owner’s yes, not for Rivya."),
    "cost_known": _("What it cost is known."),
    "hardly_asked": _("Rivya has hardly been asked yet. It is asked again within minutes."),
    "settled": _("The message is settled and its text is wiped. Ask Rivya about the job instead."),
}


def _why_not_copy(seen: Seen) -> str:
    if seen.job.status != Status.SUCCEEDED or not seen.files:
        return "no_files"
    if any(can_be_copied(file, seen.lost) for file in seen.files):
        return ""
    is_gone = all(file.state == StoredFile.State.REMOVED for file in seen.files)
    return "removed" if is_gone else "copied"


def _copy(seen: Seen, member: Membership, _reason: str) -> bool:
    if not copy_again(seen.job.reference, seen.lost):
        return False
    lifecycle.note(seen.job, "desk_copied", cause="person", member=member)
    return True


ASK: Act[Seen] = Act(
    code="ask",
    label=_("Ask Rivya now"),
    about=_("Rivya is asked what has become of the job, now instead of later."),
    done=_("Rivya is asked now. What it says appears here."),
    again=_("Rivya is being asked already."),
    icon="refresh-cw",
    why_not=lambda seen: repairs.why_not_ask(seen.job),
    do=lambda seen, member, _reason: repairs.ask_now(seen.job, member),
)
SEND: Act[Seen] = Act(
    code="send",
    label=_("Send again now"),
    about=_("The same job is sent with the same number, so it cannot be charged twice."),
    done=_("It is sent now, with the same number."),
    again=_("It is being sent already."),
    icon="send",
    why_not=lambda seen: repairs.why_not_send(seen.job, is_paused=seen.is_paused),
    do=lambda seen, member, _reason: repairs.send_again(seen.job, member),
)
COPY: Act[Seen] = Act(
    code="copy",
    label=_("Copy the result again"),
    about=_("The files are fetched from Rivya anew. One that was here before must be the same."),
    done=_("The files are copied again."),
    again=_("The files are being copied already."),
    icon="copy-check",
    why_not=_why_not_copy,
    do=_copy,
)
RELEASE: Act[Seen] = Act(
    code="release",
    label=_("Let the credits go"),
    about=_("The job ends here, unsent, and what was held for it is free again."),
    done=_("The job is closed and its credits are free again."),
    again=_("The job is closed already."),
    icon="lock-open",
    why_not=lambda seen: repairs.why_not_release(seen.job),
    do=lambda seen, member, reason: repairs.release(seen.job, member, reason, is_sure=True),
    needs_reason=True,
)
# An owner's alone, and never for several at once.
RELEASE_UNSURE: Act[Seen] = Act(
    code="release_unsure",
    label=_("Let the credits go without Rivya’s answer"),
    about=_("The job ends here although Rivya may have it, and may have charged for it."),
    done=RELEASE.done,
    again=RELEASE.again,
    icon="lock-open",
    why_not=lambda seen: repairs.why_not_release_unsure(seen.job),
    do=lambda seen, member, reason: repairs.release(seen.job, member, reason, is_sure=False),
    needs_reason=True,
)

ACTS = {act.code: act for act in (ASK, SEND, COPY, RELEASE)}
AT_ONCE = (ASK, SEND, COPY)  # one press on the page of a job; the others have a page that asks
