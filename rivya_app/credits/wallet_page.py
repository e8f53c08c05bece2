"""What the page about Rivya's balance and our ledger shows, gathered for its template."""

from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict

from rivya_app.credits import access, books, differences, readings, wallet
from rivya_app.credits.models import Difference
from rivya_app.gateway.rivya_pages import TOP_UP, rivya_page
from rivya_app.workspaces.models import Membership, Role

PAGE = 25
USUAL_DAYS = 30


def wallet_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The month's equation, readings of some days, and every difference, newest first."""
    account = wallet.account_of(member.workspace)
    days = _days(asked.get("days", ""))
    shown = readings.readings_of(account, days)
    page = Paginator(access.differences(member), PAGE).get_page(asked.get("page"))
    return {
        "account": account,
        "books": books.books_of(account),
        "days": days,
        "periods": readings.DAYS,
        "readings": shown[::-1],
        "chart": readings.chart_of(shown),
        "page": page,
        "query": f"days={days}",
        "unknown": differences.unknown_sum(account),
        "unknown_days": differences.UNKNOWN_DAYS,
        "may_act": member.has_role(Role.OWNER),
        "outside": Difference.Kind.OUTSIDE,
        "transactions_url": rivya_page(TOP_UP),
    }


def _days(asked: str) -> int:
    return int(asked) if asked in {str(days) for days in readings.DAYS} else USUAL_DAYS
