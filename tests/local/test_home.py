"""The folder of a local run: one run at a time, secrets made once, `manage.py` told of it."""

import io
import os
import socket
import subprocess
import sys

import pytest

from rivya_app.local import __main__ as commands
from rivya_app.local import home as home_module
from rivya_app.local.home import AlreadyRunning, Home, adopt_local_run, local_settings, remember
from rivya_app.local.parts import free_port
from rivya_app.local.site import said_by


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / ".local")


def test_it_tells_a_second_run_where_the_first_one_is(home):
    with home.lock():
        home.note_in_lock("http://localhost:8000/ (process 7)")
        with pytest.raises(AlreadyRunning, match=r"localhost:8000/ \(process 7\)"), home.lock():
            pytest.fail("two runs hold one folder")

    with home.lock():
        pass


def test_it_frees_the_folder_of_a_killed_run(home):
    script = (
        "import os, sys; from pathlib import Path; from rivya_app.local.home import Home\n"
        "with Home(Path(sys.argv[1])).lock(): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, home.folder], cwd=home_module.CHECKOUT)

    with home.lock():
        pass


def test_it_makes_secrets_once_and_for_its_owner_only(home):
    first = home.secret_file("field-keys").read_bytes()

    assert home.secret_file("field-keys").read_bytes() == first
    assert home.secret_file("secret-key").read_bytes() != first
    assert home.secret_file("field-keys").stat().st_mode & 0o777 == 0o600
    assert home.secret_file("field-keys").parent.stat().st_mode & 0o777 == 0o700


def test_it_gives_processes_the_files_of_secrets_not_the_secrets(home, monkeypatch):
    for name in ("SECRET_KEY", "FIELD_KEYS", "RIVYA_BASE_URL", "DEMO"):
        monkeypatch.delenv(name, raising=False)

    settings = local_settings(home, port=8000, rivya_url="http://127.0.0.1:5")

    assert settings["SECRET_KEY_FILE"] == str(home.secret_file("secret-key"))
    secret = home.secret_file("secret-key").read_text()
    assert secret not in str(settings)


def test_it_switches_the_demo_off_where_another_rivya_is_named(home, monkeypatch):
    for name in ("RIVYA_BASE_URL", "DEMO"):
        monkeypatch.delenv(name, raising=False)

    assert local_settings(home, port=1, rivya_url=None)["DEMO"] == "0"
    assert local_settings(home, port=1, rivya_url="http://127.0.0.1:5")["DEMO"] == "1"


def test_it_lets_the_person_s_own_settings_win(home, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://mine.example")

    assert "SITE_URL" not in local_settings(home, port=1, rivya_url=None)


def test_it_lends_a_bare_manage_py_the_settings_of_the_run(home, monkeypatch):
    monkeypatch.setattr(home_module, "CHECKOUT", home.folder.parent)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "RIVYA_TRIAL"):
        monkeypatch.delenv(name, raising=False)
    home.folder.mkdir()
    remember(home, {"RIVYA_TRIAL": "yes"})
    monkeypatch.setenv("RIVYA_TRIAL", "mine")
    adopt_local_run()
    assert os.environ["RIVYA_TRIAL"] == "mine"

    monkeypatch.delenv("RIVYA_TRIAL")
    adopt_local_run()
    assert os.environ.pop("RIVYA_TRIAL") == "yes"
    assert home.environment_file.stat().st_mode & 0o777 == 0o600

    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    adopt_local_run()
    assert "RIVYA_TRIAL" not in os.environ


def filled(home: Home) -> Home:
    home.secret_file("field-keys")
    (home.folder / "postgres").mkdir()
    (home.folder / "vault").mkdir()
    (home.folder / "environment.json").write_text("{}")
    return home


def test_it_drops_data_on_reset_but_not_the_keys(home, monkeypatch):
    filled(home)
    monkeypatch.setenv("FORCE", "1")

    assert commands._reset(home) == 0

    assert sorted(path.name for path in home.folder.iterdir()) == ["lock", "secrets"]


def test_it_drops_nothing_unasked(home, monkeypatch, capsys):
    filled(home)
    monkeypatch.delenv("FORCE", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert commands._reset(home) == 1

    assert (home.folder / "postgres").exists()
    assert "FORCE=1" in capsys.readouterr().err


def test_it_drops_nothing_while_it_runs(home, monkeypatch):
    filled(home)
    monkeypatch.setenv("FORCE", "1")
    with home.lock(), pytest.raises(AlreadyRunning):
        commands._reset(home)

    assert (home.folder / "postgres").exists()


def test_it_takes_the_next_port_where_the_wanted_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) < port + 100


def test_it_finds_what_one_command_said():
    lines = ["== migrate", "a", "== demo_people", "b", "c", "== x"]

    assert said_by("demo_people", lines) == ["b", "c"]
