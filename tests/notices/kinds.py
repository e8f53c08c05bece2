"""One example of each kind, as the rooms above tell it, and what it says in both languages."""

from rivya_app.notices.models import Notice

K = Notice.Kind
LAMP = {"title": "Brass lamp"}
FACTS: dict[str, dict[str, object]] = {
    K.RESULT_READY: {**LAMP, "media": "image"},
    K.JOB_FAILED: {**LAMP, "media": "image"},
    K.NEEDS_LOOK: {**LAMP, "reason": "overdue"},
    K.LOW_CREDITS: LAMP,
    K.KEY_TROUBLE: {"purpose": "production-image-workflow", "code": "invalid_api_key"},
    K.WEBHOOK_TROUBLE: {"name": "Main", "trouble": "silent"},
    K.MODEL_CHANGED: {"model": "Z-Image", "change": "price", "before": "5", "after": "8"},
    K.REVIEW_ASKED: {**LAMP, "count": 3, "media": "image"},
    K.DECIDED: {**LAMP, "decision": "changes_wanted", "by": "Meera"},
    K.VIDEO_WAITS: {**LAMP, "reason": "credits"},
    K.OVER_BUDGET: {**LAMP, "campaign": "Diwali"},
    K.PACKAGE_READY: LAMP,
    K.PACKAGE_BROKEN: LAMP,
    K.DESTINATION_TROUBLE: {"name": "Shop"},
    K.YES_ASKED: {**LAMP, "by": "Asha", "credits": "120"},
    K.YES_ANSWERED: {**LAMP, "by": "Vikram", "answer": "granted"},
    K.THRESHOLD: {"name": "Diwali", "percent": 80},
    K.LOW_BALANCE: {"left": "40", "mark": "100"},
    K.WALLET_DIFFERENCE: {"credits": "25"},
    K.KEY_ENDS: {"purpose": "production-image-workflow", "day": "3 Dec"},
    K.HANDED_ON: {"name": "Asha", "count": 2},
    K.ANSWER_READY: {"title": "Words for a mug"},
    K.ANSWER_FAILED: {"title": "Words for a mug"},
}
