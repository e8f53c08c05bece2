"""The page of a job asks the database as often for a long line of attempts as for a short one."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.briefs import actions
from rivya_app.generations.pages import lineage


def queries_of(browser, job):
    address = reverse("generations:show-job", args=[job.public_id])
    assert browser.get(address).status_code == 200
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


def attempts(shop, seller, brief, count):
    jobs = [shop.finish(brief)]
    for number in range(2, count + 1):
        actions.new_attempt(member=seller, public_id=brief.public_id, position=1, attempt=number)
        jobs.append(shop.finish(brief))
    return jobs


def test_it_shows_every_other_attempt_in_as_many_queries_as_one(shop, seller, client_of):
    shop.rivya.fault("instant")
    brief = shop.submit(seller)
    jobs = attempts(shop, seller, brief, 6)
    assert lineage(jobs[-1]) == jobs[:-1]
    assert lineage(jobs[2]) == [jobs[0], jobs[1], jobs[3]]
    browser = client_of(seller)
    assert queries_of(browser, jobs[-1]) == queries_of(browser, jobs[1])
    assert queries_of(browser, jobs[-1]) <= 23
