"""Pictures of a question: which may be attached, and when all of them are at Rivya.

They go through the Files API and are named by file id alone; an external link is never sent.
"""

from collections.abc import Sequence
from datetime import timedelta

from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.gateway.chat_models import ChatModel
from rivya_app.library import references, remote, sending, uses
from rivya_app.library.models import RemoteCopy, StoredFile

WAITS = "attachments"
LOST_AFTER = timedelta(seconds=15)  # a task that has not begun by then is published again
CHECK_AFTER = timedelta(seconds=15)  # behind the library's word that a file is at Rivya
# What ends a turn before it was sent, as its error code.
GONE, UNREADY, REFUSED = "attachment_gone", "attachment_unready", "attachment_refused"


class Unfit(Exception):
    """The files cannot be given to this model; `problems` are sentences for the reader."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


class NeverReady(Exception):
    """A picture cannot be sent at all; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def problems_with(model: ChatModel, files: Sequence[StoredFile]) -> list[str]:
    """Every rule of the model that these files break; none where they may be attached."""
    return references.problems((), model.card.model, files) if files else []


def check(model: ChatModel, files: Sequence[StoredFile]) -> None:
    """Raises Unfit."""
    found = problems_with(model, files)
    if found:
        raise Unfit(found)


def take(turn: Turn, files: Sequence[StoredFile]) -> None:
    """Note that the turn needs these files. Everybody sees the library, so its words, and the way
    to it, are not told there. Raises uses.FileGone."""
    uses.take(turn.reference, files, title="", path="")


def ask_for_copies(turn: Turn, files: Sequence[StoredFile]) -> bool:
    """Have the files sent to Rivya where they are not there yet; True where all of them are."""
    copies = remote.want(files, turn.api_key, model_id=turn.model_id, is_new=True)
    return all(remote.is_usable(copy) for copy in copies)


def ready_ids(turn: Turn) -> list[str] | None:
    """Rivya's file ids of a locked turn, in order; None while it waits for one.

    Raises NeverReady for what no waiting can mend.
    """
    files = uses.files_of(turn.reference)
    copies = remote.known(files, turn.api_key)
    if len(files) < turn.attachment_count or not all(map(_is_there, files, copies)):
        raise NeverReady(GONE)
    for copy in copies:
        if copy and copy.state == RemoteCopy.State.REFUSED and copy.model_id == turn.model_id:
            raise NeverReady(_code_of(copy))
    wanted = remote.want(files, turn.api_key, model_id=turn.model_id)
    if all(remote.is_usable(copy) for copy in wanted):
        turn.waits_for = turn.error_code = ""
        return [copy.remote_id for copy in wanted]
    turn.waits_for = WAITS
    turn.error_code = next((copy.error_code for copy in wanted if copy.error_code), "")
    turn.next_check_at = clock.now() + CHECK_AFTER
    return None


def _is_there(file: StoredFile, copy: RemoteCopy | None) -> bool:
    return file.is_stored or (copy is not None and remote.is_usable(copy))


def _code_of(copy: RemoteCopy) -> str:
    if copy.error_code == sending.GONE:
        return GONE
    return UNREADY if copy.error_code in sending.OWN_CODES else REFUSED


def send_afresh(turn: Turn, file_ids: Sequence[str]) -> None:
    """Rivya did not know these file ids: upload our own bytes again. For a locked turn."""
    remote.doubt(uses.files_of(turn.reference), turn.api_key, file_ids)


def on_copy_decided(copy: RemoteCopy) -> None:
    """A copy became ready or was refused: have the turns that wait for it looked at now."""
    from rivya_app.chat.actions import publish

    rows = Turn.objects.filter(
        workspace=copy.workspace_id, status=Status.PENDING, waits_for=WAITS
    ).only("public_id")
    waiting = {row.reference: row for row in rows}
    for reference in remote.users_of(copy, waiting):
        publish(waiting[reference])
