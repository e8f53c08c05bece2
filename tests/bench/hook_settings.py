"""The product's settings, with one view more: the one that does nothing."""

from rivya_app.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.hook_urls"
