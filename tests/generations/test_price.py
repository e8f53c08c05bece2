"""The price before the press: Rivya's base where that is the price, else what our own jobs cost."""

from decimal import Decimal

import pytest

from rivya_app.gateway import catalogue
from rivya_app.gateway.models import CatalogueModel
from rivya_app.generations import price
from rivya_app.generations.models import Generation

SQUARE, TALL = {"aspect_ratio": "1:1"}, {"aspect_ratio": "3:4"}


@pytest.fixture
def twelve(shop, seller):
    """Twelve finished jobs with SQUARE, the newest last."""
    shop.rivya.fault("instant")
    for _brief in range(3):
        shop.finish(shop.submit(seller, draft_count=4))
    return list(Generation.objects.order_by("finished_at"))


def metered():
    CatalogueModel.objects.filter(model_id="z-image").update(billing_type="METERED")
    return catalogue.find("z-image")


def cost(jobs, amounts):
    for job, amount in zip(jobs, amounts, strict=True):
        Generation.objects.filter(pk=job.pk).update(reserved_credits=amount)


def test_a_fixed_price_is_rivyas_base(shop):
    unit = price.unit_price(catalogue.find("z-image"), SQUARE)
    assert (unit.expected, unit.low, unit.high, unit.is_fixed) == (1, 1, 1, True)
    assert (unit.words, unit.range_words) == ("Fixed price", "1 credit")


def test_a_fixed_price_that_rivya_exceeded_says_so_as_a_fact(twelve):
    cost(twelve, [1] * 11 + [20])
    unit = price.unit_price(catalogue.find("z-image"), SQUARE)
    assert unit.expected == 1
    assert "Last time, with these settings, it took 20 credits." in unit.words
    assert price.unit_price(catalogue.find("z-image"), TALL).words == "Fixed price"


def test_an_estimate_is_the_middle_eight_tenths_of_jobs_with_these_settings(twelve):
    cost(twelve, [1, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 90])
    unit = price.unit_price(metered(), SQUARE)
    assert (unit.low, unit.high, unit.expected, unit.count) == (4, 9, 9, 12)
    assert unit.words == "Estimate from 12 past jobs with these settings"
    assert unit.range_words == "4–9 credits"


def test_without_enough_of_these_settings_it_rests_on_any_and_says_so(twelve):
    cost(twelve, [5] * 12)
    unit = price.unit_price(metered(), TALL)
    assert (unit.expected, unit.count, unit.is_for_settings) == (5, 12, False)
    assert unit.words == "Estimate from 12 past jobs with any settings"


def test_jobs_from_before_settings_were_noted_count_for_any(twelve):
    Generation.objects.update(settings_mark="")
    unit = price.unit_price(metered(), SQUARE)
    assert (unit.count, unit.is_for_settings) == (12, False)


def test_without_history_it_is_at_least_the_base(shop):
    unit = price.unit_price(metered(), SQUARE)
    assert (unit.expected, unit.is_known, unit.range_words) == (1, False, "at least 1 credit")


def test_what_is_left_out_has_the_mark_of_its_default():
    model = type("Card", (), {})()
    model.model_id, model.params = "m", (_param("size", "1:1", "1:1", "3:4"), _param("n", 1))
    full = price.mark(model, {"size": "1:1", "n": 1})
    assert price.mark(model, {}) == price.mark(model, {"n": 1.0}) == full
    assert price.mark(model, {"n": "1", "free": "text", "referenceMediaItems": [1]}) == full
    assert price.mark(model, {"n": 2}) != full
    assert price.mark(model, {"size": "3:4"}) != full


def test_the_job_keeps_the_mark_it_was_priced_with(shop, seller):
    job = shop.job(shop.submit(seller))
    assert job.settings_mark == price.mark(catalogue.find("z-image"), SQUARE)


def test_the_hold_of_an_estimate_is_its_upper_end(shop, twelve, seller):
    cost(twelve, [4] * 10 + [9] * 2)
    metered()
    job = shop.job(shop.submit(seller))
    assert job.estimated_credits == Decimal(9)


def _param(key, default, *options):
    kind = "select" if options else "number"
    fields = {"key": key, "type": kind, "default": default, "options": options}
    return type("Param", (), fields)()
