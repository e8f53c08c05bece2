"""What opens a page for whoever holds it: 256 random bits, of which the database knows a hash."""

import hashlib
import secrets


def new() -> str:
    """A token for an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What the database keeps of a token. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
