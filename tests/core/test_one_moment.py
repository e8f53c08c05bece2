"""What is read in one block is of one moment."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from rivya_app.core.one_moment import one_moment
from rivya_app.workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def add_one_elsewhere():
    def write():
        Workspace.objects.create(name="Meanwhile")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(timeout=10)


def counts_around_a_write():
    before = Workspace.objects.count()
    add_one_elsewhere()
    return Workspace.objects.count() - before


def test_it_does_not_see_what_is_written_meanwhile():
    with one_moment():
        assert counts_around_a_write() == 0
    assert counts_around_a_write() == 1


def test_an_ordinary_transaction_does():
    with transaction.atomic():
        assert counts_around_a_write() == 1


def test_nothing_is_written_in_it():
    with pytest.raises(DatabaseError, match="read-only"), one_moment():
        Workspace.objects.create(name="No")


def test_inside_a_transaction_the_callers_view_counts():
    with transaction.atomic():
        made = Workspace.objects.create(name="Mine")
        with one_moment():
            assert Workspace.objects.filter(pk=made.pk).exists()
