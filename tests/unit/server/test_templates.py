import re
from pathlib import Path

import pytest
from django.template import Engine

from tests.support.paths import ROOT
from vision_chat.server import templates

LOADERS = [f"{templates.__name__}.{name}" for name in ("FolderLoader", "AppLoader")]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(dirs=[str(tmp_path)], loaders=LOADERS)


def test_a_page_comes_without_the_indentation_of_its_lines(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "list.html").write_text("<ul>  \n\t{% if x %}\n    <li>a  b</li>\n  {% endif %}\n</ul>\n")
    html = engine.render_to_string("list.html", {"x": True})

    assert html == "<ul>\n\n<li>a  b</li>\n\n</ul>\n"


def test_what_is_no_page_keeps_its_blanks(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text("a\n  b")

    assert engine.render_to_string("mail.txt") == "a\n  b"


def test_pages_of_the_admin_come_so_too() -> None:
    source = Engine.get_default().get_template("admin/change_list_object_tools.html").source

    assert "\n<li>\n" in source
    assert "\n " not in source


def test_no_template_has_lines_whose_indentation_would_be_seen() -> None:
    seen = re.compile(r"<(pre|textarea)\b[^>]*>[^<]*\n[^<]*</")

    assert [path for path in (ROOT / "templates").rglob("*.html") if seen.search(path.read_text())] == []
