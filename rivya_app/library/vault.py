"""Announces files that are to be copied into our own storage."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership, Workspace

MOST_FILES = 20  # of one source; a longer list is not a result but a mistake or an attack
PUBLISHED_AGAIN_AFTER = timedelta(seconds=20)  # by the sweep, where the task was lost


def expect(
    *,
    workspace: Workspace,
    made_by: Membership | None,
    source: str,
    urls: Sequence[str],
    expected_kind: str,
    title: str,
) -> list[StoredFile]:
    """Note that the files at `urls` are to be copied, and start copying on commit.

    Inside the caller's transaction. The same source again adds nothing, however often it is
    announced: there is one row per (source, position). Returns the rows in the order of `urls`.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Files are announced inside a transaction.")
    now = clock.now()
    StoredFile.objects.bulk_create(
        [
            StoredFile(
                workspace=workspace,
                made_by=made_by,
                source=source,
                position=position,
                expected_kind=expected_kind,
                title=title[:200],
                remote_url=url,
                next_copy_at=now + PUBLISHED_AGAIN_AFTER,
                created_at=now,
                changed_at=now,
            )
            for position, url in enumerate(urls[:MOST_FILES])
        ],
        ignore_conflicts=True,
    )
    files = list(StoredFile.objects.filter(source=source).order_by("position"))
    for file in files:
        if file.state == StoredFile.State.PENDING:
            publish(file.pk)
    return files


def publish(file_id: int) -> None:
    """Have a worker copy this file once the current transaction is committed."""
    from rivya_app.library.tasks import copy_file  # tasks import jobs, which import this module

    # Robust: the row is committed, so a broker that is away must not look like a failed act.
    transaction.on_commit(partial(copy_file.delay, file_id=file_id), robust=True)
