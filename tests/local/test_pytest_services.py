"""The services every test stands on."""

import os

import psycopg
import pytest
import redis

from rivya_app.local.pytest_services import with_database


def test_it_gives_the_run_a_real_postgresql():
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("show server_version_num").fetchone()[0] > "130000"


def test_it_gives_each_worker_its_own_redis_database():
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1")[2:]) + 1
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.ping()
        assert client.connection_pool.connection_kwargs["db"] == number


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///tmp/v.sock?db=0", "unix:///tmp/v.sock?db=3"),
        ("redis://h:6379/0", "redis://h:6379/3"),
        ("rediss://u:p@h:6379", "rediss://u:p@h:6379/3"),
    ],
)
def test_it_changes_only_the_database_number(url, expected):
    assert with_database(url, 3) == expected
