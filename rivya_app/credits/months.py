"""Counts what was used anew where the months of a workspace begin at another hour."""

from rivya_app.credits import ledger, usage
from rivya_app.workspaces.models import Workspace


def recount(workspace: Workspace) -> None:
    """Under the account's lock, so that no entry moves the counts meanwhile."""
    usage.recount(ledger.lock_account(workspace))
