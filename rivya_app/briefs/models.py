"""What a seller asks for. A brief has drafts; a draft is one generation."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from rivya_app.chat.models import Turn
from rivya_app.core import clock
from rivya_app.core.models import PublicIdModel
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Campaign, Membership, User, Workspace


class Brief(PublicIdModel):
    """A listing brief. `form_token` is made with the form: a second press finds the first row."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        NEEDS_CREDITS = "needs_credits", _("Waiting for credits")
        NEEDS_BUDGET = "needs_budget", _("Waiting for budget")
        NEEDS_YES = "needs_yes", _("Waiting for the owner’s yes")

    class Channel(models.TextChoices):
        MARKETPLACE = "marketplace", _("Marketplace listing")
        SHOP = "shop", _("Own shop page")
        SOCIAL = "social", _("Social post")
        STORY = "story", _("Story or reel")
        BANNER = "banner", _("Web banner")

    class Style(models.TextChoices):
        STUDIO = "studio", _("Clean studio")
        LIFESTYLE = "lifestyle", _("In everyday use")
        FESTIVE = "festive", _("Festive")
        MINIMAL = "minimal", _("Minimal")
        BOLD = "bold", _("Bold and colourful")

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="briefs")
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="briefs")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="briefs"
    )
    # Whose turn it is since its author left the team.
    handed_to = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="taken_over_briefs"
    )
    # What pays for its drafts; None: the main workflow of their kind.
    workflow = models.ForeignKey(Workflow, models.PROTECT, null=True, blank=True, related_name="+")
    form_token = models.UUIDField(editable=False)
    product = models.CharField(max_length=120)
    points = models.TextField(max_length=2000)
    audience = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    style = models.CharField(max_length=20, choices=Style.choices)
    language = models.CharField(max_length=5, choices=User.Language.choices)
    media_kind = models.CharField(max_length=10, default="image")  # image, video or audio
    draft_count = models.PositiveSmallIntegerField()
    model_id = models.CharField(max_length=120)
    params = models.JSONField(default=dict)
    prompt = models.TextField()
    # The answer of the assistant it was made of; indexed where there is one.
    from_turn = models.ForeignKey(
        Turn, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.STARTED)
    waiting_positions = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    # By position: what a refused new attempt wanted otherwise than the brief.
    waiting_changes = models.JSONField(default=dict, blank=True)
    needed_credits = models.DecimalField(
        null=True, max_digits=14, decimal_places=2
    )  # at the refusal
    # At the refusal: credits of the account, or left of the campaign's budget.
    balance_seen = models.DecimalField(null=True, max_digits=14, decimal_places=2)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "form_token"], name="brief_form_token_once"
            ),
            models.CheckConstraint(
                condition=Q(draft_count__gte=1, draft_count__lte=4), name="brief_one_to_four"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="brief_by_workspace"),
            models.Index(
                fields=["workspace", "-created_at"],
                condition=~Q(state="started"),
                name="brief_waits",
            ),
            models.Index(
                fields=["from_turn"],
                condition=Q(from_turn__isnull=False),
                name="brief_of_turn",
            ),
            models.Index(fields=["workspace", "product", "id"], name="brief_by_product"),
            models.Index(fields=["created_by", "-created_at"], name="brief_by_author"),
            # As `icontains` asks: any part of the text, in any case.
            GinIndex(OpClass(Upper("product"), name="gin_trgm_ops"), name="brief_find_product"),
            GinIndex(OpClass(Upper("points"), name="gin_trgm_ops"), name="brief_find_points"),
        ]

    def __str__(self) -> str:
        return self.product

    @property
    def keeper(self) -> Membership:
        """Whose turn it is where it is its author's: theirs, or of whoever goes on with it."""
        return self.handed_to or self.created_by

    @property
    def keeper_id(self) -> int:
        return self.handed_to_id or self.created_by_id

    @property
    def is_waiting(self) -> bool:
        """Whether drafts of it were refused for credits or for budget and wait."""
        return self.state in WAITING_STATES

    @property
    def reference(self) -> str:
        """The name of this brief in the library."""
        return f"brief:{self.public_id}"


WAITING_STATES = (Brief.State.NEEDS_CREDITS, Brief.State.NEEDS_BUDGET, Brief.State.NEEDS_YES)


class Draft(PublicIdModel):
    """One attempt at one picture of a brief. A new attempt is a new draft at the same position."""

    brief = models.ForeignKey(Brief, models.PROTECT, related_name="drafts")
    generation = models.OneToOneField(Generation, models.PROTECT, related_name="draft")
    position = models.PositiveSmallIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    # The answer of the assistant its text began with; indexed where there is one.
    from_turn = models.ForeignKey(
        Turn, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["position", "attempt"]
        constraints = [
            models.UniqueConstraint(
                fields=["brief", "position", "attempt"], name="draft_attempt_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_turn"],
                condition=Q(from_turn__isnull=False),
                name="draft_of_turn",
            ),
        ]
