"""The page of all components."""

import pytest
from django.urls import reverse


def test_it_is_for_staff_and_the_demo_only(client, client_of, seller, settings):
    settings.DEMO = False
    assert client_of(seller).get(reverse("styleguide")).status_code == 403
    seller.user.is_staff = True
    seller.user.save()
    assert client_of(seller).get(reverse("styleguide")).status_code == 200
    settings.DEMO = True
    assert client.get(reverse("styleguide")).status_code == 200


@pytest.mark.django_db
def test_it_shows_every_state(client, settings):
    settings.DEMO = True
    page = client.get(reverse("styleguide")).content.decode()
    for state in ("queued", "processing", "succeeded", "failed", "low_credits", "warning"):
        assert f"state-{state}" in page


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "hi"])
def test_it_shows_a_question_to_the_assistant_in_every_state(client, settings, language):
    from rivya_app.chat.models import Status
    from rivya_app.chat.turn_samples import samples

    settings.DEMO = True
    shown = {sample["card"].turn.status for _name, sample in samples()}
    assert shown == set(Status.values)
    page = client.get(reverse("styleguide"), headers={"accept-language": language})
    assert page.content.decode().count('class="turn') >= len(samples())
