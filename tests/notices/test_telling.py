from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from rivya_app.notices import access, actions
from rivya_app.notices.models import Notice

READY = {
    "kind": Notice.Kind.RESULT_READY,
    "facts": {"title": "Brass lamp"},
    "link": "/jobs/1/",
    "event_key": "ready:1",
}


@pytest.mark.django_db
def test_it_tells_each_member_once(seller, owner):
    actions.tell([seller, owner, seller], **READY)
    actions.tell([seller], **READY)
    unread = [access.notices_of(one).filter(read_at=None).count() for one in (seller, owner)]
    assert unread == [1, 1]


@pytest.mark.django_db
def test_it_tells_nobody_else(seller, stranger):
    actions.tell([seller], **READY)
    assert access.notices_of(stranger).filter(read_at=None).count() == 0


@pytest.mark.django_db
def test_the_first_telling_stands(seller):
    actions.tell([seller], **READY)
    actions.tell([seller], **(READY | {"facts": {"title": "Another"}}))
    assert access.notices_of(seller).get().facts == {"title": "Brass lamp"}


@pytest.mark.django_db(transaction=True)
def test_it_is_part_of_the_transaction_that_decides(seller):
    with transaction.atomic():
        actions.tell([seller], **READY)
        transaction.set_rollback(True)
    assert access.notices_of(seller).filter(read_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_tell_outside_a_transaction(seller):
    with pytest.raises(actions.OutsideTransaction):
        actions.tell([seller], **READY)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once(seller):
    together = Barrier(2)

    def tell() -> None:
        with transaction.atomic():
            together.wait()
            actions.tell([seller], **READY)
        connection.close()

    workers = [Thread(target=tell) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert access.notices_of(seller).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("link", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_it_links_to_pages_of_ours_alone(seller, link):
    with pytest.raises(ValueError, match="page of ours"):
        actions.tell([seller], **(READY | {"link": link}))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("overdue", "“Brass” takes much longer than usual. It still runs."),
        ("copy", "“Brass” is made, but its file could not be copied here."),
        ("something_new", "“Brass” needs a look."),
        (None, "“Brass” needs a look."),
    ],
)
def test_it_says_why_a_job_needs_a_look(reason, said):
    from rivya_app.notices import words

    assert words.sentence("needs_look", {"title": "Brass", "reason": reason}) == said
