"""What the team's pages say about refusals and about what is noted."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "in_team": _("This person is in the team already."),
    "invited": _("This address has an open invitation. Send that one again, or revoke it first."),
    "too_many": _("There are 100 open invitations. Revoke some of them first."),
    "sent_just_now": _("The letter went out a moment ago. Wait five minutes, then send it again."),
    "sent_often": _("It was sent ten times. Revoke it and ask the person for another address."),
    "taken": _("The invitation was accepted meanwhile. The person is in the team."),
    "last_owner": _(
        "This is the only owner. Give the role to somebody else first: a workspace must keep one."
    ),
    "no_heir": _("Choose who goes on with the work."),
    "own_step_first": _(
        "Turn on two-step sign-in for yourself first, so that you are not shut out."
    ),
}

ACTS = {
    "team.invited": _("Invited somebody"),
    "team.invited_again": _("Sent an invitation again"),
    "team.invitation_revoked": _("Revoked an invitation"),
    "team.joined": _("Joined the team"),
    "team.roles_changed": _("Changed roles"),
    "team.removed": _("Removed somebody from the team"),
    "team.left": _("Left the team"),
    "settings.changed": _("Changed the workspace’s settings"),
    "sign_in.done": _("Signed in"),
    "sign_in.failed": _("A sign-in failed"),
    "sign_in.password_changed": _("Changed the password"),
    "sign_in.password_reset": _("Set a forgotten password anew"),
    "sign_in.step_added": _("Turned on two-step sign-in"),
    "sign_in.step_removed": _("Turned off two-step sign-in"),
    "sign_in.codes_renewed": _("Made new recovery codes"),
}

# Facts of other rooms have names of their own; one unknown here is shown as it is.
FACTS = {
    "roles": _("Roles"),
    "before": _("Before"),
    "after": _("After"),
    "goes_on": _("Goes on with the work"),
    "name": _("Name"),
    "time_zone": _("Time zone"),
    "requires_two_steps": _("Two-step sign-in for everybody"),
    "purpose": _("Purpose"),
    "environment": _("Environment"),
    "reason": _("Reason"),
    "amount": _("Amount"),
    "limit": _("Limit"),
    "key": _("Key"),
    "code": _("Code"),
    "day": _("Day"),
    "note": _("Note"),
    "period": _("Period"),
    "is_hard": _("Nothing starts beyond it"),
    "thresholds": _("Thresholds"),
    "rule": _("Rule"),
    "model": _("Model"),
    "credits": _("Credits"),
    "low_mark": _("Balance to be told below"),
    "unknown_mark": _("Difference to be told of"),
    "default_model_id": _("Model it starts from"),
    "allowed_model_ids": _("Permitted models"),
    "job": _("Job"),
    "kind": _("Kind"),
    "ends_on": _("It ends on"),
    "list": _("List"),
}
# A list of two is what was and what is; but these are lists of many that may happen to be two.
LISTS = frozenset({"thresholds", "allowed_model_ids"})
