"""Whether a workflow can do its work, judged from facts alone: no database, no words."""

from dataclasses import dataclass
from decimal import Decimal

ACCOUNT, MODEL, REFERENCE, GENERATION, CHAT, STATUS, COMPLETION, CREDITS = TOPICS = (
    "account",
    "model",
    "reference",
    "generation",
    "chat",
    "status",
    "completion",
    "credits",
)
OK, WARNS, STOPS = LEVELS = ("ok", "warns", "stops")  # from good to bad
KEY_ENDS_SOON = 14  # days

# Rivya gives reading and writing of files, and of conversations, together; only the reading one
# can be tried without spending (gateway/keys.py), so either proves both.
_PROVED_BY = {
    "files:create": frozenset({"files:create", "files:read"}),
    "chat:create": frozenset({"chat:create", "chat:read"}),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a workflow and what it leans on. Amounts are credits."""

    is_chat: bool = False
    key_state: str = ""  # "": no key; else as ApiKey.State
    key_days_left: int | None = None  # None: its end is not known
    scopes: frozenset[str] = frozenset()  # as found at Rivya
    model_id: str = ""
    has_other_model: bool = True  # that can be chosen instead
    is_model_listed: bool = True
    model_problem: str = ""  # as ModelCard.problem
    model_takes: frozenset[str] = frozenset()  # kinds of reference file
    model_needs_files: bool = False
    reference: str = "optional"
    completion: str = "polling"
    endpoint: str = ""  # of the key's environment, as in webhook_words.STANDINGS; "": none
    has_owner: bool = True
    is_owner_here: bool = True
    is_paused: bool = False
    price: Decimal | None = None  # the least one job costs
    balance: Decimal | None = None  # None: never read
    low_mark: Decimal = Decimal(0)
    limit_left: Decimal | None = None  # of the tightest hard limit; None: no such limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the eight answers, judged. `code` is a row of workflows/answer_words.py."""

    topic: str
    level: str
    code: str


def judge(facts: Facts) -> list[Verdict]:
    """A verdict for each topic, in their order; the worst where several hold."""
    return [Verdict(topic, *judged(facts)) for topic, judged in _JUDGES.items()]


def worst(verdicts: list[Verdict]) -> Verdict:
    """The first of the gravest; an OK one where all is well."""
    return max(verdicts, key=lambda one: LEVELS.index(one.level))


def has_scope(facts: Facts, scope: str) -> bool:
    return bool(facts.scopes & _PROVED_BY.get(scope, frozenset({scope})))


_Judged = tuple[str, str]


def _account(facts: Facts) -> _Judged:
    if not facts.key_state:
        return STOPS, "no_key"
    if facts.key_state == "refused":
        return STOPS, "key_refused"
    if facts.key_state != "active":
        return STOPS, "key_ended"
    days = facts.key_days_left
    if days is not None and days < 0:
        return STOPS, "key_expired"
    if days is not None and days <= KEY_ENDS_SOON:
        return WARNS, "key_ends_soon"
    return OK, "key_in_use"


def _model(facts: Facts) -> _Judged:
    if not facts.model_id:
        return (WARNS, "cheapest") if facts.has_other_model else (STOPS, "no_model")
    if not facts.is_model_listed:
        return STOPS, "model_unknown"
    if facts.model_problem and facts.model_problem not in _OF_REFERENCES:
        return STOPS, "model_unusable"
    return OK, "model_chosen"


_OF_REFERENCES = {"needs_files": "model_needs_files", "takes_no_files": "model_takes_none"}


def _reference(facts: Facts) -> _Judged:
    if facts.model_problem in _OF_REFERENCES:
        return STOPS, _OF_REFERENCES[facts.model_problem]
    if facts.reference == "none":
        return OK, "no_files"
    is_always = facts.reference == "required" or facts.model_needs_files
    if facts.model_takes and facts.key_state and not has_scope(facts, "files:create"):
        return (STOPS if is_always else WARNS), "lacks_files"
    if not facts.model_takes:
        return (WARNS, "pictures_not_taken") if facts.is_chat else (OK, "files_not_taken")
    return OK, "files_always" if is_always else "files_maybe"


def _generation(facts: Facts) -> _Judged:
    if facts.is_chat:
        return OK, "not_a_generation"
    if facts.key_state and not has_scope(facts, "generations:create"):
        return STOPS, "lacks_generations"
    return (WARNS, "paused") if facts.is_paused else (OK, "generation")


def _chat(facts: Facts) -> _Judged:
    if not facts.is_chat:
        return OK, "not_a_chat"
    if facts.key_state and not has_scope(facts, "chat:create"):
        return STOPS, "lacks_chat"
    return (WARNS, "paused") if facts.is_paused else (OK, "chat")


def _status(facts: Facts) -> _Judged:
    if facts.is_chat:
        return OK, "status_streamed"
    if facts.key_state and not has_scope(facts, "generations:read"):
        return STOPS, "lacks_status"
    return OK, "status_asked"


def _completion(facts: Facts) -> _Judged:
    if facts.is_chat:
        return OK, "completion_streamed"
    if facts.completion == "polling" or not facts.key_state:  # no key: no environment to ask for
        return OK, "polling"
    if facts.endpoint == "healthy":
        return OK, "webhook"
    return WARNS, "endpoint_unsound" if facts.endpoint else "no_endpoint"


def _credits(facts: Facts) -> _Judged:
    if facts.limit_left is not None and facts.limit_left <= 0:
        return STOPS, "limit_used_up"
    need = facts.price or Decimal(0)
    if facts.limit_left is not None and facts.limit_left < need:
        return STOPS, "limit_too_small"
    if facts.balance is not None and facts.balance < need:
        return STOPS, "balance_too_small"
    if not facts.has_owner:
        return WARNS, "no_owner"
    if not facts.is_owner_here:
        return WARNS, "owner_left"
    if facts.balance is None:
        return WARNS, "balance_unread"
    return (WARNS, "balance_low") if facts.balance < facts.low_mark else (OK, "credits")


_JUDGES = {
    ACCOUNT: _account,
    MODEL: _model,
    REFERENCE: _reference,
    GENERATION: _generation,
    CHAT: _chat,
    STATUS: _status,
    COMPLETION: _completion,
    CREDITS: _credits,
}
