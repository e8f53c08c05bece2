"""Reading wallets, and bringing answers to what waits for them."""

from celery import shared_task

from rivya_app.credits import gate, wallet
from rivya_app.workspaces.models import Workspace


@shared_task(name="credits.read_wallets", soft_time_limit=240, time_limit=300)
def read_wallets() -> None:
    """Publish one reading per workspace that has a key in use."""
    with_keys = Workspace.objects.filter(api_keys__state="active").distinct()
    for workspace_id in with_keys.values_list("pk", flat=True):
        read_wallet.delay(workspace_id=workspace_id, cause="schedule")


@shared_task(name="credits.read_wallet", soft_time_limit=60, time_limit=90)
def read_wallet(*, workspace_id: int, cause: str) -> None:
    wallet.read(Workspace.objects.get(pk=workspace_id), cause=cause)


@shared_task(name="credits.carry_out_asks", soft_time_limit=50, time_limit=60)
def carry_out_asks() -> None:
    gate.carry_out_all()
