"""The only module that changes a balance: reserve at accept, settle or return at the end."""

from __future__ import annotations

from rivya_app.simulator.records import Account, wire_credits
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.world import World


def reserve(world: World, account: Account, amount: int) -> None:
    """Take an amount out of what may be spent. Raises Refusal ``insufficient_credits``."""
    if account.balance < amount:
        raise too_low(world, account, amount)
    account.balance -= amount
    account.reserved += amount
    world.save(account)


def settle(world: World, account: Account, reserved: int, final: int) -> None:
    """Close a reservation at its final price; the rest goes back (a higher price is taken)."""
    account.reserved -= reserved
    account.balance += reserved - final
    world.save(account)


def too_low(world: World, account: Account, amount: int) -> Refusal:
    have, need = wire_credits(account.balance), wire_credits(amount)
    return Refusal(
        "insufficient_credits",
        f"This needs {need} credits and {have} are left.",
        status=int(world.setting["insufficient_status"]),
    )


def shown(world: World, account: Account) -> int:
    """What GET /credits tells."""
    if world.setting["wallet_excludes_reservations"]:
        return account.balance
    return account.balance + account.reserved
