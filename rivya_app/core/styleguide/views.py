"""Shows the style guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rivya_app.core.guard import staff_or_demo
from rivya_app.core.styleguide import samples, sections


@staff_or_demo
def show(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for members of staff and in the demo."""
    return render(
        request,
        "core/styleguide.html",
        {
            "jobs": samples.jobs(),
            "pictures": [
                samples.done_job("lamp", "Reading lamp"),
                samples.done_job("vase", "Vase"),
            ],
            "briefs": samples.briefs(),
            "enough": samples.price(is_enough=True),
            "short": samples.price(is_enough=False),
            "low_for_owner": samples.low_credits(is_owner=True),
            "low_for_seller": samples.low_credits(is_owner=False),
            "failures": [samples.failure(), samples.failure("waiting")],
            "chain": samples.chain(),
            "sections": sections.registered(),
        },
    )
