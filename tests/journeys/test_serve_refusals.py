"""Refusals of `manage.py serve` to start: one sentence, with a way out."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.programs import environment, manage
from tests.support.server import PATIENCE
from tests.support.started import Start

pytestmark = pytest.mark.long


def assert_refused(done: Any, *words: str) -> None:
    """One sentence on stderr, and nothing else anywhere."""
    assert done.returncode not in {0, None}
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    for word in words:
        assert word in line
    assert "Address" not in done.stdout


def test_a_port_in_use_is_said_with_a_way_out(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = manage(data_dir, "serve", "--port", str(port))
    assert_refused(done, f"Cannot listen on 127.0.0.1:{port}", f"PORT={port + 1}")


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", "0"), ("no.such.host.invalid", "0"), ("::1", "70000")]
)
def test_an_address_that_cannot_be_listened_on_is_said(data_dir: Path, host: str, port: str) -> None:
    assert_refused(manage(data_dir, "serve", "--host", host, "--port", port), f"Cannot listen on {host}")


@pytest.mark.parametrize("values", [{}, {"SECRET_KEY": "given" * 12}])
def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, values: dict[str, str]) -> None:
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "file" / "var"
    assert_refused(manage(folder, "serve", "--port", "0", **values), f"DATA_DIR {folder} cannot be written")


def test_a_folder_that_takes_no_static_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("no folder")
    assert_refused(manage(tmp_path, "serve", "--port", "0"), f"DATA_DIR {tmp_path} cannot be written")


def test_a_folder_that_takes_no_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "server.lock").mkdir()
    assert_refused(manage(tmp_path, "serve", "--port", "0"), f"DATA_DIR {tmp_path} cannot be written")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_secret_key_that_is_none_is_said_with_a_way_out(data_dir: Path, content: bytes) -> None:
    (data_dir / "secret_key").write_bytes(content)
    assert_refused(manage(data_dir, "serve", "--port", "0"), "secret_key contains no key", "Delete it")


def test_a_data_folder_is_made_also_where_the_secret_key_is_given(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "var"
    manage(folder, "check", SECRET_KEY="given" * 12)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not (folder / "secret_key").exists()


def test_a_line_that_is_no_setting_is_named(data_dir: Path, tmp_path: Path) -> None:
    env_file = tmp_path / "my.env"
    env_file.write_text("CHAT_MODEL=a/b\nthis is no setting\n")
    done = manage(data_dir, "serve", ENV_FILE=str(env_file))
    assert_refused(done, "Line 2 of my.env is not of the form NAME=value.")


def test_an_env_file_that_is_not_there_is_named(data_dir: Path) -> None:
    assert_refused(manage(data_dir, "serve", ENV_FILE="other.env"), "ENV_FILE names", "other.env")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SHUTDOWN_GRACE", "soon"),
        ("MAX_IMAGES_PER_MESSAGE", "1.5"),
        ("DATABASE_URL", "mysql://localhost/chat"),
        ("TRUSTED_PROXIES", "proxy"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("LANGUAGE_CODE", "xx-yy"),
        ("CHAT_API_BASE_URL", "http://:8080/v1"),
        ("CHAT_API_BASE_URL", "localhost:11434/v1"),
        ("DATABASE_URL", "sqlite:///:memory:"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(data_dir: Path, name: str, value: str) -> None:
    assert_refused(manage(data_dir, "serve", **{name: value}), f"Cannot start: {name} cannot be “{value}”")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "postgres://u:hush@127.0.0.1:9/chat", "The database of DATABASE_URL cannot be used"),
        ("REDIS_URL", "redis://:hush@127.0.0.1:9/0", "The Redis server of REDIS_URL cannot be used"),
    ],
)
def test_a_service_that_does_not_answer_is_said_without_its_password(
    data_dir: Path, name: str, value: str, words: str
) -> None:
    done = manage(data_dir, "serve", "--port", "0", **{name: value})
    assert done.returncode == 1
    assert words in done.stderr
    assert "refused" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_redis_that_does_not_answer_is_said_before_the_database_is_made(tmp_path: Path) -> None:
    done = manage(tmp_path, "serve", "--port", "0", REDIS_URL="redis://127.0.0.1:9/0")
    assert_refused(done, "The Redis server of REDIS_URL cannot be used")
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({}, "set DATABASE_URL (PostgreSQL) and REDIS_URL,"),
        ({"DATABASE_URL": "postgres://u@127.0.0.1:9/chat"}, "set REDIS_URL,"),
        ({"REDIS_URL": "redis://127.0.0.1:9/0"}, "set DATABASE_URL (PostgreSQL),"),
    ],
)
def test_several_workers_without_what_they_share_are_refused_with_what_is_missing(
    data_dir: Path, values: dict[str, str], missing: str
) -> None:
    done = manage(data_dir, "serve", "--port", "0", "--workers", "2", **values)
    assert_refused(done, "Several workers share a database and Redis", missing)


def test_a_server_without_a_worker_is_refused(data_dir: Path) -> None:
    assert_refused(manage(data_dir, "serve", "--workers", "0"), "--workers must be at least 1")


def test_a_bucket_that_cannot_be_used_is_said(data_dir: Path) -> None:
    away = {"MEDIA_S3_BUCKET": "chat-pictures", "MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:9"}
    keys = {"MEDIA_S3_REGION": "any", "MEDIA_S3_ACCESS_KEY": "chat", "MEDIA_S3_SECRET_KEY": "hush"}
    done = manage(data_dir, "serve", "--port", "0", **away, **keys)
    assert_refused(done, "The bucket of MEDIA_S3_BUCKET cannot be used", "127.0.0.1:9")
    assert "hush" not in done.stderr


def test_a_shared_folder_that_is_not_there_is_not_made(data_dir: Path, tmp_path: Path) -> None:
    done = manage(data_dir, "serve", "--port", "0", MEDIA_DIR=str(tmp_path / "unmounted"))
    assert_refused(done, f"MEDIA_DIR {tmp_path / 'unmounted'} is not there")


def test_a_worker_does_not_make_a_shared_folder_that_is_not_there(data_dir: Path, tmp_path: Path) -> None:
    listener, (line, its) = socket.create_server(("127.0.0.1", 0)), socket.socketpair()
    with listener, line, its:
        given = [listener.fileno(), its.fileno()]
        folder = str(tmp_path / "unmounted")
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--inherited", *map(str, given)],
            cwd=ROOT,
            env=environment(data_dir, MEDIA_DIR=folder),
            pass_fds=given,
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
            check=False,
        )
    assert_refused(done, f"MEDIA_DIR {folder} is not there")


def test_a_second_server_on_the_same_folder_is_refused(start: Start, data_dir: Path) -> None:
    start()
    done = manage(data_dir, "serve", "--port", "0")
    assert_refused(done, f"Another server already uses the data folder {data_dir}")


def test_a_database_of_the_first_release_is_refused_with_a_way_out(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database, database:
        database.execute("UPDATE django_migrations SET name = '0001_initial' WHERE app = 'vision_chat'")
    assert_refused(manage(data_dir, "serve", "--port", "0"), "release 0.1.0", "Set DATA_DIR to a new folder")
