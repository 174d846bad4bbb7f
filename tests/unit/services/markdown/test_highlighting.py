import pytest

from vision_chat.services.markdown import highlighting
from vision_chat.services.markdown.highlighting import highlight, language_name


def test_tokens_are_marked_with_few_classes() -> None:
    html = highlight('@cache\ndef f(x: int) -> str:\n    return "a" + str(1)  # <why>\n', "python")
    for part in (
        '<span class="nd">@cache</span>',
        '<span class="k">def</span>',
        '<span class="nf">f</span>',
        '<span class="s">"a"</span>',
        '<span class="m">1</span>',
        '<span class="c"># &lt;why&gt;</span>',
    ):
        assert part in html


def test_the_code_itself_is_unchanged() -> None:
    code = "\n\n  x = [1,\t2]\n\n"
    html = highlight(code, "python")
    for name in highlighting.TOKEN_CLASSES:
        html = html.replace(f'<span class="{name}">', "")
    assert html.replace("</span>", "") == code


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("def f(): ...", "no-such-language"),
        ("def f(): ...\n" * (highlighting.MAX_LINES + 1), "python"),
        ("x = 1" + " " * highlighting.MAX_CHARACTERS, "python"),
    ],
)
def test_unknown_languages_and_long_code_are_only_escaped(code: str, language: str) -> None:
    assert highlight(code, language) == code


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("python", "python"),
        ("c++ title=x", "c++"),
        ("  js", "js"),
        ("", ""),
        ('"><script>', "script"),
        ("{.python}", ".python"),
        ("x" * 100, "x" * 30),
    ],
)
def test_the_language_is_the_first_word_without_anything_special(info: str, expected: str) -> None:
    assert language_name(info) == expected


@pytest.mark.parametrize("language", sorted(highlighting._LANGUAGES))
def test_every_language_on_the_list_has_a_lexer(language: str) -> None:
    assert highlighting._lexer(language) is not None
