"""The approve panel's form: whether a video is made, by which model, how, and from which text."""

from functools import cached_property
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.controls import OWNER, PREFIX, ControlsForm
from rivya_app.gateway.param_words import snake
from rivya_app.reviews import video_offer
from rivya_app.reviews.concepts import VideoOrder
from rivya_app.reviews.models import Review
from rivya_app.reviews.video_offer import DURATION_KEYS, RATIO_KEYS, VideoCost, VideoOffer
from rivya_app.workspaces.models import Membership

ON_THE_PAGE = "video_offered"  # says that the panel was there: a switch that is off sends nothing


class VideoForm(forms.Form):
    """Judged only where the switch is on. The model's controls are a form of their own."""

    with_video = forms.BooleanField(
        label=gettext_lazy("Make a short video from it"), required=False
    )
    model_id = forms.CharField(label=gettext_lazy("Model"), max_length=120)
    prompt = forms.CharField(
        label=gettext_lazy("Text for the video"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    price_seen = forms.DecimalField(widget=forms.HiddenInput, max_digits=14, decimal_places=2)

    def __init__(
        self, data: QueryDict | None, *, member: Membership, review: Review, offer: VideoOffer
    ) -> None:
        bound = data if data is not None and ON_THE_PAGE in data else None
        super().__init__(bound)
        self.member, self.review, self.offer = member, review, offer
        self.model = self._chosen_model()
        self.initial = {
            "with_video": offer.is_wanted,
            "model_id": offer.model.model_id,
            "prompt": offer.prompt,
        }
        params = video_offer.params_for(review, self.model) if self.model else {}
        self.controls = ControlsForm.of_model(self.model, bound, params)

    @property
    def models(self) -> list[ModelCard]:
        return list(self.offer.models)

    @property
    def is_wanted(self) -> bool:
        """As the switch stands."""
        return bool(self["with_video"].value())

    @property
    def shown_model(self) -> ModelCard:
        """What the page goes on with where the model that was sent cannot be used."""
        return self.model or self.offer.model

    @property
    def is_other_model(self) -> bool:
        """Whether the controls on the page are those of another model than the chosen one."""
        return bool(self.data.get(OWNER) != self.shown_model.model_id)

    def _chosen_model(self) -> ModelCard | None:
        if not self.is_bound:
            return self.offer.model
        wanted = self.data.get("model_id")
        return next((card for card in self.offer.models if card.model_id == wanted), None)

    @cached_property
    def cost(self) -> VideoCost:
        """With what is set so far, as it is now."""
        params = self.controls.wire_params_so_far()
        return video_offer.cost_of(self.member, self.review, self.shown_model, params)

    @property
    def main_controls(self) -> list[forms.BoundField]:
        """Length and shape, always in sight."""
        return [self.controls[name] for name in self._names(main=True)]

    @property
    def other_controls(self) -> list[forms.BoundField]:
        return [self.controls[name] for name in self._names(main=False)]

    def _names(self, *, main: bool) -> list[str]:
        keys = DURATION_KEYS | RATIO_KEYS
        names = (PREFIX + param.key for param in self.controls.params)
        return [name for name in names if (snake(name.removeprefix(PREFIX)) in keys) == main]

    def is_valid(self) -> bool:
        """Nothing can be wrong with a video nobody wants."""
        if not (self.is_bound and self.is_wanted):
            return True
        is_fit = self.controls.is_valid()
        return super().is_valid() and is_fit

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it."""
        self._errors = ErrorDict()
        self.controls.stay_silent()

    def clean_model_id(self) -> str:
        if self.model is None:
            raise forms.ValidationError(
                _("This model cannot make a video from this picture. Choose another.")
            )
        return self.model.model_id

    def clean_prompt(self) -> str:
        prompt = str(self.cleaned_data["prompt"]).strip()
        limit = self.model.prompt_limit if self.model else None
        if not prompt and self.model and self.model.needs_prompt:
            raise forms.ValidationError(_("Say what should happen in the video."))
        if limit and len(prompt) > limit:
            words = _("The text is %(length)d characters long; this model reads at most %(limit)d.")
            raise forms.ValidationError(words % {"length": len(prompt), "limit": limit})
        return prompt

    def order(self) -> VideoOrder | None:
        """What is ordered with an approval. Call it only where `is_valid()` said yes."""
        if not (self.is_bound and self.is_wanted):
            return None
        return VideoOrder(
            model_id=self.cleaned_data["model_id"],
            prompt=self.cleaned_data["prompt"],
            price=self.cleaned_data["price_seen"],
            params=self.controls.wire_params(),
        )
