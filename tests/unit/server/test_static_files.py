"""Static files: collected under hashed names that lead to each other, served in front of Django."""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import brotli
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings

from tests.support import review_factories
from tests.support.client import Browser
from tests.support.server import running_server
from vision_chat.server.static_files import StaticFiles, collect

IN_PAGE = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IN_SCRIPT = re.compile(r'(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.\.?/[^"]+|/static/[^"]+)"')
IN_SHEET = re.compile(r"""url\(\s*["']?([^"')#]+)|@import\s+["']([^"']+)""")
SCRIPTS = Path(settings.BASE_DIR, "static", "js")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture(scope="module")
def root(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a first start has collected, and settings that know it."""
    folder = shutil.copytree(prepared / "static", tmp_path_factory.mktemp("static") / "static")
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "vision_chat.server.static_files.HashedStaticFilesStorage"}
    }
    with override_settings(STATIC_ROOT=folder, STORAGES=storages):
        yield folder


def on_disk(root: Path, url: str) -> Path:
    return root / url.removeprefix("/static/")


def references(path: Path) -> list[Path]:
    """The files that a script or a sheet asks for."""
    pattern = {".js": IN_SCRIPT, ".css": IN_SHEET}.get(path.suffix)
    if pattern is None:
        return []
    found = [name for match in pattern.finditer(path.read_text()) for name in match.groups() if name]
    return [(path.parent / name).resolve() for name in found if not name.startswith("data:")]


def reached_from(paths: list[Path]) -> set[Path]:
    """The files, and all that they ask for, and so on."""
    reached: set[Path] = set()
    while paths:
        path = paths.pop()
        if path not in reached:
            assert path.is_file(), f"{path.name} is asked for and not there"
            reached.add(path)
            paths += references(path)
    return reached


@pytest.fixture
def pages(ann: User, root: Path, reading_without_reasons: None) -> dict[str, str]:
    """The pages that have a script of their own."""
    with running_server() as server:
        browser = Browser(server, ann)
        pages = {path: browser.get(path).text for path in ("/", "/account/", "/pictures/")}
        browser.close()
        chief = User.objects.create_superuser("chief")
        reviewer = Browser(server, chief)
        queue = review_factories.queue()
        item = review_factories.item(queue, ann)
        review_factories.handed_out(chief, queue)
        of_reviewers = (
            "/admin/",
            f"/admin/vision_chat/conversation/{item.conversation_id}/change/",
            f"/admin/vision_chat/reviewitem/{item.pk}/review/",
            f"/admin/vision_chat/reviewitem/work/{queue.pk}/many/",
            f"/admin/vision_chat/queue/{queue.pk}/change/",
            f"/admin/vision_chat/rubric/{queue.rubric_id}/change/",
        )
        pages |= {path: reviewer.get(path).text for path in of_reviewers}
        reviewer.close()
    return pages


@pytest.fixture
def chat_page(pages: dict[str, str]) -> str:
    return pages["/"]


def test_every_static_file_that_a_page_leads_to_is_there_under_a_hashed_name(
    pages: dict[str, str], root: Path
) -> None:
    reached = reached_from([on_disk(root, url) for page in pages.values() for url in IN_PAGE.findall(page)])

    assert len(reached) > 10
    assert [path.name for path in reached if not HASHED.search(path.name)] == []
    own = (path for path in reached if path.suffix == ".js" and path.is_relative_to(root / "js"))
    scripts = {path.stem.partition(".")[0] for path in own}
    assert scripts == {path.stem for path in SCRIPTS.rglob("*.js")}


def test_the_page_asks_for_few_static_files_at_once(chat_page: str, root: Path) -> None:
    asked = {on_disk(root, url) for url in IN_PAGE.findall(chat_page) if "touch-icon" not in url}
    packed = [path.with_name(f"{path.name}.br") for path in asked]
    size = sum(path.stat().st_size for path in packed if path.exists())

    assert len(asked) <= 26  # 28 with the page itself and the socket
    assert 5_000 < size < 38_000


def test_every_import_in_every_script_is_one_that_was_renamed(root: Path) -> None:
    """Django rewrites an import only where a semicolon ends it, and quietly leaves the others."""
    for path in SCRIPTS.rglob("*.js"):
        written = len(IN_SCRIPT.findall(path.read_text()))
        manifest = json.loads((root / "staticfiles.json").read_text())["paths"]
        collected = references(root / manifest[f"js/{path.relative_to(SCRIPTS)}"])
        assert len(collected) == written
        assert all(HASHED.search(target.name) for target in collected)


def test_a_script_goes_without_comments_and_indentation_and_its_lines_keep_their_numbers(root: Path) -> None:
    manifest = json.loads((root / "staticfiles.json").read_text())["paths"]
    source = (SCRIPTS / "lib" / "choices.js").read_text().splitlines()
    collected = (root / manifest["js/lib/choices.js"]).read_text().splitlines()

    assert len(collected) == len(source)
    for written, sent in zip(source, collected, strict=True):
        assert sent == ("" if written.lstrip().startswith(("//", "/**", "*")) else written.lstrip())


def test_the_style_sheet_is_one_file_with_its_layers(root: Path) -> None:
    manifest = json.loads((root / "staticfiles.json").read_text())["paths"]
    source = Path(settings.BASE_DIR, "static", "css", "app.css").read_text()
    sheet = (root / manifest["css/app.css"]).read_text()

    assert "@import" not in sheet
    assert sheet.startswith("@layer reset, tokens, base")
    for layer in re.findall(r"layer\((\w+)\)", source):
        assert f"@layer {layer} {{" in sheet
    assert source.count("@import") == len(re.findall(r"^@layer \w+ \{$", sheet, re.MULTILINE))
    assert sheet.count("{") == sheet.count("}")


def test_the_style_sheet_of_the_admin_is_one_file_with_those_of_django(root: Path) -> None:
    manifest = json.loads((root / "staticfiles.json").read_text())["paths"]
    path = root / manifest["css/admin.css"]
    sheet = path.read_text()

    assert "@import" not in sheet
    assert sheet.count("@layer django {") == 4
    assert ".selector-chosen" in sheet, "from a sheet that one of Django's imports"
    pictures = [name for name in references(path) if "/admin/img/" in str(name)]
    assert len(pictures) > 20
    assert [picture for picture in pictures if not picture.is_file()] == []


def test_the_style_sheet_of_the_dialogs_is_one_file(root: Path) -> None:
    manifest = json.loads((root / "staticfiles.json").read_text())["paths"]
    sheet = (root / manifest["css/dialogs.css"]).read_text()

    assert "@import" not in sheet
    assert ".on-picture" in sheet
    assert sheet.count("{") == sheet.count("}")


@pytest.fixture
def sheets(root: Path, tmp_path: Path, settings: Any) -> Path:
    """A folder with a style sheet, which is all that is collected."""
    sheets = tmp_path / "source" / "css"
    sheets.mkdir(parents=True)
    (sheets / "app.css").write_text('@import "a.css" layer(base);\n')
    (sheets / "a.css").write_text("p { color: green }\n")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return sheets


def test_a_change_of_an_imported_sheet_changes_the_name_of_the_whole(
    sheets: Path, tmp_path: Path, settings: Any
) -> None:
    """Or browsers would keep the old one for a year."""
    names = []
    for colour in ("red", "blue"):
        (sheets / "a.css").write_text(f"p {{ color: {colour} }}\n")
        settings.STATIC_ROOT = tmp_path / colour
        collect(settings.STATIC_ROOT)
        manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"]
        names.append(manifest["css/app.css"])
        assert colour in (settings.STATIC_ROOT / names[-1]).read_text()

    assert names[0] != names[1]


def test_collecting_again_does_nothing_until_something_changed(
    sheets: Path, tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = root = tmp_path / "collected"
    assert collect(root)
    assert not collect(root)
    (sheets / "a.css").write_text("p { color: darkgreen }\n")
    assert collect(root)
    assert not collect(root)


def test_what_open_pages_ask_for_stays_until_the_collection_after_the_next(
    sheets: Path, tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = root = tmp_path / "collected"
    collected = []
    for colour in ("red", "green", "blue"):
        (sheets / "a.css").write_text(f"p {{ color: {colour} }}\n" + "/* long */" * 100)
        (sheets / f"{colour}.css").write_text("")
        assert collect(root)
        (sheets / f"{colour}.css").unlink()
        collected.append(json.loads((root / "staticfiles.json").read_text())["paths"]["css/app.css"])

    assert [(root / name).exists() for name in collected] == [False, True, True]
    names = {path.name for path in root.rglob("*.css")}
    assert {"blue.css", "app.css"} < names
    assert not names & {"red.css", "green.css"}
    assert not root.with_suffix(".new").exists()


def test_of_processes_that_collect_at_once_one_does_it(sheets: Path, tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = root = tmp_path / "collected"
    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(collect, [root] * 3)) == [False, False, True]


async def test_what_a_process_with_newer_code_has_collected_is_served_too(
    sheets: Path, tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = root = tmp_path / "collected"
    await sync_to_async(collect)(root)
    application = StaticFiles(cast(Any, None), root, "/static/")
    assert (await ask(root, "/static/css/app.css", application=application)).status == 200
    (sheets / "a.css").write_text("p { color: darkgreen }\n")
    await sync_to_async(collect)(root)
    newer = json.loads((root / "staticfiles.json").read_text())["paths"]["css/app.css"]

    assert (await ask(root, f"/static/{newer}", application=application)).status == 200
    assert (await ask(root, "/static/css/app.0123456789ab.css", application=application)).status == 404
    assert (await ask(root, f"/static/css/../{newer}", application=application)).status == 404


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


async def ask(root: Path, path: str, method: str = "GET", application: Any = None, **headers: str) -> Answer:
    """One request, to a fresh application unless another one is given, whose Django answers 299."""
    sent: list[dict[str, Any]] = []

    async def django(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"Django"})

    async def send(event: Any) -> None:
        sent.append(event)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "method": method, "path": path, "headers": raw}
    application = application or StaticFiles(cast(Any, django), root, "/static/")
    await application(scope, None, send)
    return Answer(
        sent[0]["status"],
        {name.decode(): value.decode() for name, value in sent[0]["headers"]},
        b"".join(event.get("body", b"") for event in sent[1:]),
    )


@pytest.fixture
def sheet(root: Path) -> str:
    """The address of the style sheet."""
    name: str = json.loads((root / "staticfiles.json").read_text())["paths"]["css/app.css"]
    return f"/static/{name}"


async def test_a_hashed_file_is_kept_for_ever(root: Path, sheet: str) -> None:
    answer = await ask(root, sheet)

    assert answer.status == 200
    assert answer.body == on_disk(root, sheet).read_bytes()
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers.keys().isdisjoint({"etag", "last-modified"}), "a cold page has two dozen of these"


async def test_a_file_without_a_hash_is_kept_for_a_minute(root: Path) -> None:
    answer = await ask(root, "/static/css/app.css")
    assert answer.headers["cache-control"] == "max-age=60, public"


async def test_a_browser_that_can_gets_it_packed(root: Path, sheet: str) -> None:
    answer = await ask(root, sheet, accept_encoding="gzip, deflate, br")

    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(answer.body) < on_disk(root, sheet).stat().st_size / 2
    assert brotli.decompress(answer.body) == on_disk(root, sheet).read_bytes()


async def test_a_static_file_that_has_not_changed_is_not_sent_again(root: Path) -> None:
    first = await ask(root, "/static/css/app.css")
    for name, header in (("if_none_match", "etag"), ("if_modified_since", "last-modified")):
        again = await ask(root, "/static/css/app.css", **{name: first.headers[header]})
        assert (again.status, again.body) == (304, b"")


async def test_head_brings_the_headers_only(root: Path, sheet: str) -> None:
    answer = await ask(root, sheet, "HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(on_disk(root, sheet).stat().st_size)


async def test_a_part_can_be_asked_for(root: Path, sheet: str) -> None:
    answer = await ask(root, sheet, range="bytes=0-5")
    assert (answer.status, answer.body) == (206, on_disk(root, sheet).read_bytes()[:6])


async def test_a_static_file_cannot_be_posted_to(root: Path, sheet: str) -> None:
    assert (await ask(root, sheet, "POST")).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.css",
        "/static/css",
        "/static/../secret_key",
        "/static/%2e%2e/secret_key",
        "/static/..%2fsecret_key",
        "/static//etc/passwd",
        "/static/css/../../secret_key",
        "/static/css/\0",
    ],
)
async def test_only_what_was_collected_is_served(root: Path, path: str) -> None:
    (root.parent / "secret_key").write_text("secret")
    answer = await ask(root, path)

    assert answer.status == 404
    assert b"secret" not in answer.body


async def test_every_other_path_is_django_s(root: Path) -> None:
    assert (await ask(root, "/")).status == 299
    assert (await ask(root, "/statically/")).status == 299
