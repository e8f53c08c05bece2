"""How people get in. Accounts are made by an owner, never by a stranger."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Public sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
