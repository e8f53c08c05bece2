"""The page of one job at the desk: everything that happened, in plain words, without secrets."""

from django.urls import reverse

from tests.desk import troubles
from tests.webhooks import envelope, make_endpoint, tell


def show(browser, job):
    return browser.get(reverse("desk:show", args=[job.public_id]))


def test_it_tells_the_whole_story_in_order(shop, seller, support, client_of):
    job = troubles.running(shop, seller)
    tell(make_endpoint(shop), envelope({"id": job.task_id, "status": "succeeded"}))
    from rivya_app.gateway.webhook_models import InboxEvent

    InboxEvent.objects.update(subject=job.task_id)
    shop.finish(job.draft.brief)
    answer = show(client_of(support), job)
    words = [step.words for step in answer.context["steps"]]
    for expected in (
        "Asked for",
        "1 credit held here before the call",
        "Accepted by Rivya",
        "Rivya reserved 1 credit",
        "Rivya’s message “A job succeeded”: Waiting",
        "Succeeded",
        "It cost 1 credit.",
        "The file is here",
    ):
        assert expected in words, words
    times = [step.at for step in answer.context["steps"]]
    assert times == sorted(times)
    assert any(word.startswith("Told: ") for word in words)


def test_it_keeps_which_call_it_was_and_how_long_it_took(shop, seller):
    job = shop.finish(shop.submit(seller))
    for kind in ("accepted", "succeeded"):
        details = job.events.get(kind=kind).details
        assert details["request"]
        assert details["ms"] >= 0


def test_a_call_without_an_answer_is_kept_too(shop, seller):
    job = troubles.uncertain(shop, seller)
    assert "ms" in job.events.get(kind="waiting").details


def test_it_shows_no_link_of_rivya(shop, seller, support, client_of):
    job = troubles.without_file(shop, seller)
    said = show(client_of(support), job).content.decode()
    assert shop.rivya.base_url not in said
    assert "Copy the result again" in said


def test_it_offers_only_what_helps_and_says_why_the_rest_does_not(
    shop, seller, support, owner, client_of
):
    job = troubles.uncertain(shop, seller)
    for member, codes in ((support, ["send"]), (owner, ["send", "release_unsure"])):
        context = show(client_of(member), job).context
        assert [offer.act.code for offer in context["offers"]] == codes
        assert all(offer.why_not for offer in context["no_offers"])


def test_a_job_that_ended_well_needs_nothing(shop, seller, support, client_of):
    job = shop.finish(shop.submit(seller))
    assert show(client_of(support), job).context["offers"] == []


def test_the_page_goes_on_by_itself(shop, seller, support, client_of):
    job = troubles.running(shop, seller)
    browser = client_of(support)
    live = show(browser, job).context["live"]
    assert browser.get(live.url, {"v": live.version}).status_code == 204
    shop.finish(job.draft.brief)
    said = browser.get(live.url, {"v": live.version}).content.decode()
    assert "It cost 1 credit." in said
