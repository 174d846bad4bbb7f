"""A site is backed up while its server runs, and comes back in another place."""

import io
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
import pytest
from django.contrib.auth.models import User
from django.db.migrations.loader import MigrationLoader

from tests.support import factories
from tests.support.client import PASSWORD, Browser
from tests.support.migrated import EMPTY
from tests.support.programs import Program, manage
from tests.support.sample_images import chart, encoded
from tests.support.started import MakeServices, Services, SetUp, Start, Visit
from vision_chat.services.backups import making
from vision_chat.services.backups.archive import ArchiveWriter, parts
from vision_chat.services.backups.progress import Progress

pytestmark = pytest.mark.long

OF_AN_EMPTY_SITE = (
    "CREATE TABLE vision_chat_site (id bigint PRIMARY KEY, site_id text)",
    "CREATE TABLE django_migrations (id bigint PRIMARY KEY, app text, name text, applied timestamptz)",
    "CREATE FUNCTION vision_chat_lexemes(text) RETURNS tsvector LANGUAGE sql AS 'SELECT NULL::tsvector'",
)
PASSPHRASE = {"BACKUP_PASSPHRASE": "correct horse"}


@dataclass
class Site:
    """Names what somebody made on a server."""

    program: Program
    browser: Browser
    conversation: str
    image: str
    image_bytes: bytes

    def is_on(self, browser: Browser) -> bool:
        """Tell whether the conversation and the picture are there too."""
        page = browser.get(f"/c/{self.conversation}/").text
        return "What is on the stairs?" in page and browser.get(self.image).content == self.image_bytes


def made_by(program: Program, browser: Browser) -> Site:
    """A conversation with a picture, an endpoint with a key, and entries of the audit log."""
    uploaded = browser.upload(encoded(chart(), "png"), "chart.png").json()
    socket = browser.socket()
    conversation = socket.submit("What is on the stairs?", image_ids=[uploaded["id"]])
    socket.wait_for("reply.settled", status="completed")
    fields = {"name": "Elsewhere", "base_url": "http://127.0.0.1:9/v1", "is_enabled": "on"}
    keyed = fields | {"key_variable": "", "key": "sk-of-an-endpoint"}
    assert browser.post("/admin/vision_chat/endpoint/add/", data=keyed).status_code == 302
    person = {"username": "bea", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert browser.post("/admin/auth/user/add/", data=person).status_code == 302
    address = f"/images/{uploaded['id']}/original/"
    return Site(program, browser, conversation, address, browser.get(address).content)


def done(result: "subprocess.CompletedProcess[str]") -> str:
    """Return what a command said, of which it made no error."""
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def refused(result: "subprocess.CompletedProcess[str]") -> str:
    """Return what a command said in its refusal: one line, and no trace."""
    assert result.returncode == 1, result.stdout
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("CommandError: ")]
    assert "Traceback" not in result.stderr
    return line.removeprefix("CommandError: ")


def sign_in(browser: Browser) -> Browser:
    answer = browser.post("/accounts/login/", data={"username": "root", "password": PASSWORD})
    assert answer.status_code == 302
    browser.cookies["sessionid"] = browser.http.cookies["sessionid"]
    return browser


@pytest.fixture
def elsewhere(prepared: Path, tmp_path: Path) -> Path:
    """Another data folder, whose server was started once and has another secret key."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(prepared, folder)
    (folder / "secret_key").unlink()
    return folder


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def site(start: Start, set_up: SetUp, visit: Visit) -> Site:
    program = start()
    return made_by(program, visit(program, set_up(program).cookies["sessionid"]))


def test_a_site_comes_back_on_sqlite(
    site: Site, start: Start, visit: Visit, elsewhere: Path, tmp_path: Path
) -> None:
    path, original = str(tmp_path / "site.tar"), tmp_path / "var"
    assert "files and the database are in" in done(manage(original, "backup", path))
    later = site.browser.socket().submit("And afterwards?")
    assert "ERROR" not in site.program.errors()

    said = done(manage(elsewhere, "restore", path))
    assert "Keys that cannot be read with this SECRET_KEY: Elsewhere." in said
    restored = start(DATA_DIR=str(elsewhere))
    assert "/setup/" not in restored.introduction
    browser = sign_in(visit(restored))
    assert site.is_on(browser)
    assert browser.get(f"/c/{later}/").status_code == 404
    socket = browser.socket()
    socket.submit("And now?", site.conversation)
    socket.wait_for("reply.settled", status="completed")
    expect_sound(elsewhere)
    assert site_ids(original) != site_ids(elsewhere)


def test_with_the_secret_key_nothing_is_entered_again(
    site: Site, start: Start, visit: Visit, elsewhere: Path, tmp_path: Path
) -> None:
    done(manage(tmp_path / "var", "backup", str(tmp_path / "site.tar")))
    shutil.copy(tmp_path / "var/secret_key", elsewhere)
    said = done(manage(elsewhere, "restore", str(tmp_path / "site.tar")))

    assert "Keys that" not in said
    assert site.is_on(visit(start(DATA_DIR=str(elsewhere)), site.browser.cookies["sessionid"])), "signed in"


@pytest.fixture
def two_databases(make_services: MakeServices) -> tuple[Services, Services]:
    return make_services(), make_services(EMPTY)


@pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL")
def test_a_site_comes_back_on_postgresql(
    start: Start, set_up: SetUp, visit: Visit, elsewhere: Path, two_databases: tuple[Services, Services]
) -> None:
    first, second = two_databases
    program = start(**first)
    site = made_by(program, visit(program, set_up(program).cookies["sessionid"]))
    tmp_path = elsewhere.parent
    done(manage(tmp_path / "var", "backup", str(tmp_path), **first, **PASSPHRASE))
    (path,) = tmp_path.glob("vision-chat-*.tar.age")
    assert "ERROR" not in program.errors()

    with psycopg.connect(second["DATABASE_URL"].replace("postgres:", "postgresql:")) as connection:
        # as if a server had been started there
        for statement in OF_AN_EMPTY_SITE:
            connection.execute(statement)
    said = done(manage(elsewhere, "restore", str(path), **second, **PASSPHRASE))
    assert "Keys that cannot be read with this SECRET_KEY: Elsewhere." in said
    # beside the original, on its Redis
    restored = start(DATA_DIR=str(elsewhere), **second)
    browser = sign_in(visit(restored))
    assert site.is_on(browser)
    hearing = site.browser.socket()
    hearing.send("generation.stop", message_id="0")
    hearing.wait_for("error")  # so its socket hears what is broadcast
    browser.socket().submit("Who else hears this?")
    hearing.send("generation.stop", message_id="0")
    hearing.wait_for("error")
    assert [event for event in hearing.events if event["type"] != "error"] == []
    expect_sound(elsewhere, **second)
    assert "ERROR" not in program.errors()


def expect_sound(folder: Path, **values: str) -> None:
    """Expect that log, index, figures, triggers and migrations are in order."""
    commands = (
        ("verify_audit_log",),
        ("rebuild_search", "--check"),
        ("rebuild_figures", "--check"),
        ("check", "--database=default"),
        ("migrate", "--check"),
    )
    code = f"from django.core.management import call_command\nfor each in {commands}: call_command(*each)"
    said = done(manage(folder, "shell", "-c", code, **values))
    assert "The audit log is whole" in said
    assert "no issues" in said


def site_ids(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return [name for (name,) in database.execute("SELECT site_id FROM vision_chat_site")]


@pytest.fixture
def backup(ann: User, tmp_path: Path) -> Path:
    """A backup of this test's database, with a picture."""
    factories.attach(factories.turn(factories.conversation(ann)), factories.image(ann))
    with (tmp_path / "site.tar").open("wb") as file:
        making.make(file, tmp_path, "", Progress(str))
    return tmp_path / "site.tar"


def changed(backup: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Write a backup anew, with other parts and fitting sums."""
    folder = backup.parent
    found = {part.name: part.file.read(part.size) for part in parts(io.BytesIO(backup.read_bytes()), folder)}
    with backup.open("wb") as file, ArchiveWriter(file, folder) as archive:
        for name, data in found.items():
            archive.add_bytes(name, change(name, data))


def test_one_of_an_earlier_version_is_brought_up_to_date_by_the_server(
    start: Start, backup: Path, elsewhere: Path, tmp_path: Path
) -> None:
    graph = MigrationLoader(None).graph
    ((app, last),) = graph.leaf_nodes("vision_chat")
    before, *newer = [name for each, name in graph.forwards_plan((app, last)) if each == app][-4:]

    def earlier(name: str, data: bytes) -> bytes:
        if name == "manifest.json":
            manifest = msgspec.json.decode(data)
            for migration in newer:
                manifest["migrations"].remove(f"{app}.{migration}")
            return msgspec.json.encode(manifest)
        if name != "database":
            return data
        folder = tmp_path / "earlier"
        folder.mkdir()
        (folder / "db.sqlite3").write_bytes(data)
        done(manage(folder, "migrate", app, before))
        return (folder / "db.sqlite3").read_bytes()

    changed(backup, earlier)
    done(manage(elsewhere, "restore", str(backup)))
    program = start(DATA_DIR=str(elsewhere))
    assert "/setup/" not in program.introduction
    assert program.end(signal.SIGTERM) == 0
    done(manage(elsewhere, "migrate", "--check"))


def test_a_copy_sends_nothing_by_itself(
    ann: User, start: Start, visit: Visit, elsewhere: Path, tmp_path: Path
) -> None:
    queued = factories.turn(factories.conversation(ann), answer="", status="running", boot_id="")
    complete = factories.turn(factories.conversation(ann), boot_id="original")
    waiting = factories.waiting_for(complete)
    with (tmp_path / "site.tar").open("wb") as file:
        making.make(file, tmp_path, "", Progress(str))
    done(manage(elsewhere, "restore", str(tmp_path / "site.tar")))
    program = start(DATA_DIR=str(elsewhere))
    assert visit(program).get("/healthz").status_code == 200
    assert program.end(signal.SIGTERM) == 0

    with closing(sqlite3.connect(elsewhere / "db.sqlite3")) as database:
        states = dict(database.execute("SELECT message_id, status FROM vision_chat_generation"))
        unsent = database.execute("SELECT id FROM vision_chat_message WHERE state = 'waiting'").fetchall()
    assert states == {queued.pk: "interrupted", complete.pk: "completed"}
    assert unsent == [(waiting.pk,)]


def test_what_fails_halfway_is_undone(backup: Path, elsewhere: Path) -> None:
    before = files_in(elsewhere)
    changed(backup, lambda name, data: data[:20_000] if name == "database" else data)

    assert "its database is damaged" in refused(manage(elsewhere, "restore", str(backup)))
    assert files_in(elsewhere) == before | {"secret_key"}


def test_a_check_leaves_no_trace(backup: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()

    assert "The backup is whole" in done(manage(folder, "restore", "--check", str(backup)))
    assert list(folder.iterdir()) == []


def test_a_server_that_runs_there_keeps_a_backup_out(start: Start, backup: Path, data_dir: Path) -> None:
    start()
    assert "Another server" in refused(manage(data_dir, "restore", str(backup)))
