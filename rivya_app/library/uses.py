"""Who needs which file. While a use stands, neither the clean-up nor a person removes its bytes.

`reference` is the user's own (`brief:<uuid>`, `generation:<uuid>`), so this knows no higher app.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.library.models import FileUse, StoredFile

# Says which of these references still run or wait. Asked without locks.
Answer = Callable[[Collection[str]], set[str]]
_answers: dict[str, Answer] = {}


class FileGone(Exception):
    """A file that is to be used was removed, or its bytes are not here (yet)."""

    def __init__(self, file: StoredFile) -> None:
        super().__init__(str(file.public_id))
        self.file = file


def take(reference: str, files: Sequence[StoredFile], *, title: str, path: str) -> None:
    """Note that `reference` needs exactly these files, in this order.

    Inside the caller's transaction, after its own row is locked; the same again changes nothing.
    `title` and `path` are what the library calls the user and links to. Raises FileGone where
    one of them cannot be used any more; the row locks keep the clean-up from coming between.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Files are taken inside a transaction.")
    wanted = list(dict.fromkeys(file.pk for file in files))
    lock(files)
    mine = FileUse.objects.filter(reference=reference)
    if list(mine.order_by("position").values_list("file_id", flat=True)) == wanted:
        return
    mine.delete()
    FileUse.objects.bulk_create(
        FileUse(
            file_id=file_id, reference=reference, position=position, title=title[:200], path=path
        )
        for position, file_id in enumerate(wanted)
    )


def files_of(reference: str) -> list[StoredFile]:
    """The files of one user, in order. Removed ones too, so that a page can say what became of
    them."""
    return files_of_many([reference]).get(reference, [])


def files_of_many(references: Iterable[str]) -> dict[str, list[StoredFile]]:
    """The files of several users in one query; a reference without files is left out."""
    rows = FileUse.objects.filter(reference__in=list(references)).defer("file__remote_url")
    found: dict[str, list[StoredFile]] = {}
    for use in rows.select_related("file__removed_by__user").order_by("reference", "position"):
        found.setdefault(use.reference, []).append(use.file)
    return found


def let_go(reference: str) -> None:
    """The user of these files needs them no more. The time they are kept unused begins now.

    Inside the caller's transaction.
    """
    mine = FileUse.objects.filter(reference=reference)
    file_ids = sorted(mine.values_list("file_id", flat=True))
    mine.delete()
    rows = StoredFile.objects.filter(pk__in=file_ids)
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    rows.update(changed_at=clock.now())


def answer_for(prefix: str, answer: Answer) -> None:
    """Higher apps say in `ready()` which of their `<prefix>:…` still need their files."""
    if _answers.get(prefix, answer) is not answer:
        raise ImproperlyConfigured(f"'{prefix}' is answered for already.")
    _answers[prefix] = answer


def still_needed(file: StoredFile) -> list[FileUse]:
    """The uses of work that runs or waits; one that nobody answers for counts as such."""
    found = list(file.uses.order_by("created_at"))
    needed: set[str] = set()
    for prefix in {_prefix(use.reference) for use in found}:
        mine = [use.reference for use in found if _prefix(use.reference) == prefix]
        answer = _answers.get(prefix)
        needed |= answer(mine) if answer else set(mine)
    return [use for use in found if use.reference in needed]


def _prefix(reference: str) -> str:
    return reference.split(":", 1)[0]


def lock(files: Iterable[StoredFile]) -> None:
    """Lock the rows in one order and raise FileGone for the first that holds no bytes.

    Whoever takes files for several users locks all of them first, before the credit account.
    """
    rows = StoredFile.objects.select_for_update(of=("self",)).defer("remote_url")
    for file in rows.filter(pk__in={file.pk for file in files}).order_by("pk"):
        if not file.is_stored:
            raise FileGone(file)
