import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from rivya_app.core.models import AppendOnlyError, AppendOnlyModel
from rivya_app.credits.models import CreditAccount, WalletSnapshot

KEPT = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]


@pytest.fixture
def snapshot(workspace):
    account, _ = CreditAccount.objects.get_or_create(workspace=workspace)
    return WalletSnapshot.objects.create(account=account, balance=5, cause="test")


@pytest.mark.django_db
def test_every_row_kept_for_ever_is_guarded_by_the_database():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_append_only'"
        )
        guarded = {table for (table,) in cursor.fetchall()}
    assert guarded == {model._meta.db_table for model in KEPT} != set()


def test_python_refuses_first(snapshot):
    snapshot.balance = 6
    with pytest.raises(AppendOnlyError):
        snapshot.save()
    with pytest.raises(AppendOnlyError):
        snapshot.delete()


def test_the_database_refuses_what_goes_around_python(snapshot):
    rows = WalletSnapshot.objects.filter(pk=snapshot.pk)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.update(balance=6)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows.delete()
    assert rows.get().balance == 5
