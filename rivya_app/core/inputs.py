"""Form inputs that browsers have and Django does not offer as such."""

from django import forms


class DayInput(forms.DateInput):
    """The browser's own choice of a day, with a form's value as it wants it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
