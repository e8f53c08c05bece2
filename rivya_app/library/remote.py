"""Which of our bytes are at Rivya, per account: the same bytes are sent once and used again.

An account is a workspace in one environment of its keys. Only this module and `sending` write
RemoteCopy. Lock order: a job, its files, the credit account, and copies last of all.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.gateway.models import ApiKey
from rivya_app.library import access
from rivya_app.library.models import FileUse, RemoteCopy, StoredFile

PUBLISHED_AGAIN_AFTER = timedelta(seconds=20)  # by the sweep, where the task was lost
# A copy that is about to run out is not built on: it must outlive the job's first send.
_MARGIN = timedelta(minutes=10)
_SHARE_OF_LIFE = 10  # no more than this part of its whole life, or a short life would never do

State = RemoteCopy.State
Mark = tuple[str, str]  # sha256 and kind: what makes bytes the same at Rivya
Listener = Callable[[RemoteCopy], None]

_listeners: dict[str, Listener] = {}


def on_decided(name: str, listener: Listener) -> None:
    """Have `listener` told of each copy that became ready or was refused, once that is committed.

    Higher apps register in `ready()`, once a name.
    """
    if _listeners.get(name, listener) is not listener:
        raise ImproperlyConfigured(f"'{name}' listens for copies already.")
    _listeners[name] = listener


def want(
    files: Sequence[StoredFile], api_key: ApiKey, *, model_id: str, is_new: bool = False
) -> list[RemoteCopy]:
    """The copy of each file, in order; those that are not usable are asked for, on commit.

    Inside the caller's transaction. `model_id` says whose limits hold at Rivya. A copy refused
    under another model is asked for again, and with `is_new` any refused one: a person asks anew.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Copies are wanted inside a transaction.")
    found = _rows(files, api_key)
    missing = {_mark(file): file for file in files if _mark(file) not in found}
    if missing:
        _add(missing, api_key, model_id)
        found = _rows(files, api_key)
        for mark in missing:
            publish(found[mark].pk)

    def is_due(copy: RemoteCopy) -> bool:
        refused = copy.state == State.REFUSED and (is_new or copy.model_id != model_id)
        return refused or (copy.state == State.READY and not is_usable(copy))

    for copy in _locked(copy for copy in found.values() if is_due(copy)):
        if is_due(copy):
            _ask_again(copy, model_id)
        found[copy.sha256, copy.kind] = copy
    return [found[_mark(file)] for file in files]


def known(files: Sequence[StoredFile], api_key: ApiKey) -> list[RemoteCopy | None]:
    """What there is of each file, in order, as it stands; nothing is locked or asked for."""
    found = _rows(files, api_key)
    return [found.get(_mark(file)) for file in files]


def is_usable(copy: RemoteCopy) -> bool:
    """At Rivya, and not about to run out there."""
    return copy.state == State.READY and (copy.expires_at is None or not _runs_out(copy))


def doubt(files: Sequence[StoredFile], api_key: ApiKey, names: Collection[str]) -> None:
    """Rivya did not take these links or file ids: send again the copies that still have one.

    A copy that has a newer name by now is left alone. Inside the caller's transaction.
    """
    for copy in _locked(_rows(files, api_key).values()):
        if copy.state == State.READY and {copy.remote_url.reveal(), copy.remote_id} & set(names):
            _ask_again(copy, copy.model_id)


def bring_forward(files: Sequence[StoredFile], api_key: ApiKey) -> None:
    """Try now what rests after a trouble; what a worker holds is left to it."""
    rests = (copy for copy in _rows(files, api_key).values() if copy.state == State.WANTED)
    for copy in _locked(rests):
        if copy.state == State.WANTED and copy.error_code:
            copy.not_before = None
            copy.save(update_fields=["not_before"])
            publish(copy.pk)


def users_of(copy: RemoteCopy, references: Iterable[str]) -> set[str]:
    """Which of these references use a file with the bytes of `copy`."""
    uses = FileUse.objects.filter(
        reference__in=list(references),
        file__workspace=copy.workspace_id,
        file__sha256=copy.sha256,
        file__kind=copy.kind,
    )
    return set(uses.values_list("reference", flat=True))


def publish(copy_id: int) -> None:
    """Have a worker send this copy once the current transaction is committed."""
    from rivya_app.library.tasks import send_reference  # tasks lead back here

    # Robust: the row is committed, so a broker that is away must not look like a failed act.
    transaction.on_commit(partial(send_reference.delay, copy_id=copy_id), robust=True)


def tell(copy: RemoteCopy) -> None:
    """Tell the listeners once this transaction is committed."""
    for listener in _listeners.values():
        transaction.on_commit(partial(listener, copy), robust=True)


# --- Rows ---------------------------------------------------------------------------------------


def _mark(file: StoredFile) -> Mark:
    return file.sha256, file.kind


def _rows(files: Sequence[StoredFile], api_key: ApiKey) -> dict[Mark, RemoteCopy]:
    rows = RemoteCopy.objects.filter(
        workspace=api_key.workspace_id,
        environment=api_key.environment,
        sha256__in={file.sha256 for file in files},
        is_stripped=access.settings_of(api_key.workspace_id).strips_metadata,
    )
    return {(row.sha256, row.kind): row for row in rows}


def _add(missing: dict[Mark, StoredFile], api_key: ApiKey, model_id: str) -> None:
    """In the order of their marks, so that two who add the same never wait for each other."""
    now = clock.now()
    is_stripped = access.settings_of(api_key.workspace_id).strips_metadata
    RemoteCopy.objects.bulk_create(
        [
            RemoteCopy(
                workspace_id=api_key.workspace_id,
                environment=api_key.environment,
                file=missing[mark],
                sha256=mark[0],
                kind=mark[1],
                is_stripped=is_stripped,
                model_id=model_id,
                next_send_at=now + PUBLISHED_AGAIN_AFTER,
                created_at=now,
            )
            for mark in sorted(missing)
        ],
        ignore_conflicts=True,
    )


def _locked(copies: Iterable[RemoteCopy]) -> list[RemoteCopy]:
    ids = [copy.pk for copy in copies]
    if not ids:
        return []
    return list(RemoteCopy.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def _ask_again(copy: RemoteCopy, model_id: str) -> None:
    copy.state = State.WANTED
    copy.model_id = model_id
    copy.remote_id = copy.error_code = ""
    copy.remote_url, copy.duration_token = "", ""
    copy.expires_at = copy.not_before = None
    copy.attempt_count = 0
    copy.next_send_at = clock.now() + PUBLISHED_AGAIN_AFTER
    copy.save()
    publish(copy.pk)


def _runs_out(copy: RemoteCopy) -> bool:
    assert copy.expires_at is not None  # noqa: S101  asked for only where Rivya named a time
    sent_at: datetime = copy.sent_at or copy.created_at
    margin = min(_MARGIN, (copy.expires_at - sent_at) / _SHARE_OF_LIFE)
    return clock.now() >= copy.expires_at - margin
