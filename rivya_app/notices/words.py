"""The sentence of a notice, made when it is read and so in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_LOOKS = {
    "overdue": gettext_lazy("“%(title)s” takes much longer than usual. It still runs."),
    "references_late": gettext_lazy(
        "“%(title)s” waits: its reference files have not reached Rivya."
    ),
    "body_changed": gettext_lazy("“%(title)s” was stopped before it was sent. It needs a look."),
    "other_task": gettext_lazy("Rivya named a second job for “%(title)s”. The first one goes on."),
    "success_without_result": gettext_lazy("“%(title)s” is finished at Rivya, but no file came."),
    "copy": gettext_lazy("“%(title)s” is made, but its file could not be copied here."),
}


def _result_ready(facts: Mapping[str, Any]) -> str:
    return _("“%(title)s” is ready.") % {"title": _title(facts)}


def _job_failed(facts: Mapping[str, Any]) -> str:
    return _("“%(title)s” could not be made. See what to change.") % {"title": _title(facts)}


def _needs_look(facts: Mapping[str, Any]) -> str:
    """`reason` is why generations asked for the look; one unknown here says only that it did."""
    reason = str(facts.get("reason"))
    return (_LOOKS.get(reason) or _("“%(title)s” needs a look.")) % {"title": _title(facts)}


def _low_credits(facts: Mapping[str, Any]) -> str:
    return _("There are not enough credits for “%(title)s”.") % {"title": _title(facts)}


def _key_trouble(facts: Mapping[str, Any]) -> str:
    return _("Rivya does not accept the key “%(purpose)s”. Put a working one in its place.") % {
        "purpose": facts.get("purpose") or _("without a name")
    }


def _webhook_trouble(facts: Mapping[str, Any]) -> str:
    return _(
        "The webhook endpoint “%(name)s” cannot be relied on. Jobs are asked about more often "
        "until its events come again."
    ) % {"name": facts.get("name") or _("without a name")}


def _model_changed(facts: Mapping[str, Any]) -> str:
    """`change` is a kind of the gateway's list of changes; for a price, both are in credits."""
    said = {
        "model": facts.get("model") or _("without a name"),
        "before": facts.get("before") or "–",
        "after": facts.get("after") or "–",
    }
    if facts.get("change") == "gone":
        return _("Rivya no longer lists “%(model)s”, which is used here. Choose another.") % said
    if facts.get("change") == "price":
        return _("“%(model)s” costs %(after)s credits now; it was %(before)s.") % said
    return _("Rivya changed how “%(model)s” can be used. See whether it still fits.") % said


def _review_asked(facts: Mapping[str, Any]) -> str:
    """`count` drafts of one brief; `media` tells a video that was ordered by an approval."""
    count = int(facts.get("count") or 1)
    said = {"title": _title(facts), "count": count}
    if facts.get("media") == "video" and count == 1:
        return _("The video of “%(title)s” is ready for your decision.") % said
    return (
        ngettext(
            "“%(title)s” waits for your decision.",
            "%(count)d drafts of “%(title)s” wait for your decision.",
            count,
        )
        % said
    )


_DECIDED = {
    "approved": gettext_lazy("“%(title)s” was approved by %(by)s."),
    "changes_wanted": gettext_lazy("%(by)s asks for changes to “%(title)s”."),
    "rejected": gettext_lazy("“%(title)s” was rejected by %(by)s."),
    "taken_back": gettext_lazy("%(by)s took back the decision on “%(title)s”."),
    "reversed": gettext_lazy("%(by)s reversed the decision on “%(title)s”."),
}


def _decided(facts: Mapping[str, Any]) -> str:
    """`decision` is a kind of decision; `by` the name of who decided."""
    words = _DECIDED.get(str(facts.get("decision"))) or _("“%(title)s” was decided on.")
    return words % {"title": _title(facts), "by": facts.get("by") or _("Somebody")}


_VIDEO_WAITS = {
    "credits": gettext_lazy("The video of “%(title)s” waits: there are not enough credits."),
    "limit": gettext_lazy(
        "The video of “%(title)s” goes beyond a limit. It starts once there is room."
    ),
    "budget": gettext_lazy("The video of “%(title)s” waits for your yes: the budget is used up."),
}


def _video_waits(facts: Mapping[str, Any]) -> str:
    words = _VIDEO_WAITS.get(str(facts.get("reason"))) or _("The video of “%(title)s” waits.")
    return words % {"title": _title(facts)}


def _over_budget(facts: Mapping[str, Any]) -> str:
    """`campaign` where its budget is used up; else `scope` and `name` say whose limit it is."""
    if facts.get("scope") == "workspace":
        words = _("The workspace’s limit leaves too little for “%(title)s”.")
        return words % {"title": _title(facts)}
    if facts.get("scope"):
        return _("The limit of “%(name)s” leaves too little for “%(title)s”.") % {
            "name": facts.get("name") or _("without a name"),
            "title": _title(facts),
        }
    return _("“%(campaign)s” has no budget left for “%(title)s”.") % {
        "campaign": facts.get("campaign") or _("without a name"),
        "title": _title(facts),
    }


def _package_ready(facts: Mapping[str, Any]) -> str:
    return _("The package “%(title)s” is ready.") % {"title": _title(facts)}


def _package_broken(facts: Mapping[str, Any]) -> str:
    return _("The package “%(title)s” could not be made. See why.") % {"title": _title(facts)}


def _destination_trouble(facts: Mapping[str, Any]) -> str:
    return _("“%(name)s” does not take our events. They are kept, and sending is paused.") % {
        "name": facts.get("name") or _("without a name")
    }


def _yes_asked(facts: Mapping[str, Any]) -> str:
    """`credits` is what it would cost, in words of numbers only."""
    return _("%(by)s asks for your yes: “%(title)s”, %(credits)s credits.") % {
        "by": facts.get("by") or _("Somebody"),
        "title": _title(facts),
        "credits": facts.get("credits") or "–",
    }


_ANSWERS = {
    "granted": gettext_lazy("%(by)s said yes to “%(title)s”. It starts now."),
    "refused": gettext_lazy("%(by)s said no to “%(title)s”."),
    "expired": gettext_lazy("Nobody answered for “%(title)s” in time. Ask again if it matters."),
}


def _yes_answered(facts: Mapping[str, Any]) -> str:
    words = _ANSWERS.get(str(facts.get("answer"))) or _("“%(title)s” was answered.")
    return words % {"title": _title(facts), "by": facts.get("by") or _("Somebody")}


def _threshold(facts: Mapping[str, Any]) -> str:
    """`name` is whose limit it is, as its page calls it; `percent` a whole number. `of` says
    "budget" where it is the one of a campaign's own form."""
    words = _("“%(name)s” has used %(percent)s%% of its limit.")
    if facts.get("of") == "budget":
        words = _("“%(name)s” has used %(percent)s%% of its budget.")
    return words % {
        "name": facts.get("name") or _("without a name"),
        "percent": facts.get("percent") or "–",
    }


def _low_balance(facts: Mapping[str, Any]) -> str:
    return _("%(left)s credits are left; you asked to be told below %(mark)s.") % {
        "left": facts.get("left") or "–",
        "mark": facts.get("mark") or "–",
    }


def _wallet_difference(facts: Mapping[str, Any]) -> str:
    return _("Rivya’s balance moved by %(credits)s credits, and nobody has said why.") % {
        "credits": facts.get("credits") or "–"
    }


def _key_ends(facts: Mapping[str, Any]) -> str:
    return _("The key “%(purpose)s” ends on %(day)s. Put a new secret in its place before.") % {
        "purpose": facts.get("purpose") or _("without a name"),
        "day": facts.get("day") or "–",
    }


def _handed_on(facts: Mapping[str, Any]) -> str:
    """`count` briefs of somebody who left."""
    count = int(facts.get("count") or 1)
    return ngettext(
        "%(name)s left the team. A brief of theirs is yours now.",
        "%(name)s left the team. %(count)d briefs of theirs are yours now.",
        count,
    ) % {"name": facts.get("name") or _("Somebody"), "count": count}


def _answer_ready(facts: Mapping[str, Any]) -> str:
    return _("The assistant has answered in “%(title)s”.") % {"title": _title(facts)}


def _answer_failed(facts: Mapping[str, Any]) -> str:
    return _("The assistant could not answer in “%(title)s”. See why.") % {"title": _title(facts)}


def _title(facts: Mapping[str, Any]) -> str:
    """A question to the assistant has none for others: what it says is its asker's."""
    if facts.get("of") == "turn":
        return _("A question to the assistant")
    return str(facts.get("title") or _("Untitled"))


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "result_ready": _result_ready,
    "job_failed": _job_failed,
    "needs_look": _needs_look,
    "low_credits": _low_credits,
    "key_trouble": _key_trouble,
    "model_changed": _model_changed,
    "webhook_trouble": _webhook_trouble,
    "review_asked": _review_asked,
    "decided": _decided,
    "video_waits": _video_waits,
    "over_budget": _over_budget,
    "package_ready": _package_ready,
    "package_broken": _package_broken,
    "destination_trouble": _destination_trouble,
    "yes_asked": _yes_asked,
    "yes_answered": _yes_answered,
    "threshold": _threshold,
    "low_balance": _low_balance,
    "wallet_difference": _wallet_difference,
    "key_ends": _key_ends,
    "handed_on": _handed_on,
    "answer_ready": _answer_ready,
    "answer_failed": _answer_failed,
}


def sentence(kind: str, facts: Mapping[str, Any]) -> str:
    """Plain text; the template escapes it. An unknown kind stays readable."""
    make = _SENTENCES.get(kind)
    return make(facts) if make else _("Something changed in your workspace.")


# --- Several at once ------------------------------------------------------------------------------


def _results_ready(facts: Mapping[str, Any], count: int) -> str:
    return ngettext(
        "%(count)d draft of “%(title)s” is ready.",
        "%(count)d drafts of “%(title)s” are ready.",
        count,
    ) % {"count": count, "title": _title(facts)}


def _jobs_failed(facts: Mapping[str, Any], count: int) -> str:
    return ngettext(
        "%(count)d draft of “%(title)s” could not be made. See what to change.",
        "%(count)d drafts of “%(title)s” could not be made. See what to change.",
        count,
    ) % {"count": count, "title": _title(facts)}


def _approved(facts: Mapping[str, Any], count: int) -> str:
    return ngettext(
        "%(count)d draft of “%(title)s” was approved by %(by)s.",
        "%(count)d drafts of “%(title)s” were approved by %(by)s.",
        count,
    ) % {"count": count, "title": _title(facts), "by": facts.get("by") or _("Somebody")}


# By kind: which facts must be the same, and the sentence of several.
_FOLDS: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any], int], str]]] = {
    "result_ready": (("title", "media"), _results_ready),
    "job_failed": (("title",), _jobs_failed),
    "decided": (("title", "decision", "by"), _approved),
}


def thing_of(kind: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """What notices that can be said together have in common; empty for one that stands alone."""
    if kind not in _FOLDS or (kind == "decided" and facts.get("decision") != "approved"):
        return ()
    return (kind, *(str(facts.get(name)) for name in _FOLDS[kind][0]))


def of_all(kind: str, facts: Sequence[Mapping[str, Any]]) -> str:
    """The sentence of notices that `thing_of` puts together; plain text as well."""
    if len(facts) == 1:
        return sentence(kind, facts[0])
    return _FOLDS[kind][1](facts[0], len(facts))
