"""What the owner is told on the keys page: why a key was not taken, and what a new list brought."""

from django.utils.translation import gettext as _

from rivya_app.gateway.catalogue import Changes

_WORDS = {
    "malformed": lambda: _(
        "This does not look like a Rivya API key. Keys begin with rvya_sk_; copy the whole key."
    ),
    "known": lambda: _("This key is here already. Make a new one at Rivya for another purpose."),
    "purpose_taken": lambda: _(
        "A key with this purpose and environment is in use. Retire it first, or name another "
        "purpose."
    ),
    "revoked": lambda: _("Rivya says this key was revoked. Make a new one at Rivya."),
    "expired": lambda: _("Rivya says this key has expired. Make a new one at Rivya."),
    "invalid": lambda: _("Rivya does not know this key. Check that the whole key was copied."),
    "missing_scopes": lambda: _(
        "This key may not do all that is needed. Make a new one at Rivya with every scope."
    ),
    "disabled": lambda: _(
        "Rivya's API is switched off for now. Nothing was stored; try again later."
    ),
    "unreachable": lambda: _(
        "Rivya could not be reached to check this key. Nothing was stored; try again in a moment."
    ),
    "retired": lambda: _("This key is retired."),
    "replaced": lambda: _("Somebody put a new secret in this key’s place meanwhile."),
    "other_account": lambda: _(
        "Rivya does not show this workspace’s jobs to this key. It seems to belong to another "
        "Rivya account; make one in the account this workspace uses."
    ),
}


def field_of(code: str) -> str:
    """The name of the form's field that has to change."""
    return "purpose" if code == "purpose_taken" else "secret"


def words(code: str, scopes: tuple[str, ...] = ()) -> str:
    """What to tell the owner, in their language."""
    said = _WORDS[code]()
    if scopes:
        said += " " + _("Missing: %(scopes)s.") % {"scopes": ", ".join(scopes)}
    return said


def changes(found: Changes) -> str:
    """What a fresh model list brought."""
    if not found:
        return _("Rivya's model list was read; nothing has changed.")
    counts = {
        "new": len(found.added) + len(found.returned),
        "changed": len(found.changed),
        "gone": len(found.gone),
    }
    said = _("Rivya's model list was read. New: %(new)d, changed: %(changed)d, gone: %(gone)d.")
    return said % counts
