"""Pictures that a model writes as data URLs into its text."""

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.completions import picture_sieve
from vision_chat.services.completions.picture_sieve import PictureSieve

DATA = base64.b64encode(bytes(range(256)) * 3).decode()
URL = f"data:image/png;base64,{DATA}"
WRAPPED = "\n".join(DATA[at : at + 76] for at in range(0, len(DATA), 76))


def sieved(*pieces: str) -> tuple[str, list[str]]:
    sieve = PictureSieve()
    parts = [sieve.feed(piece) for piece in pieces] + [sieve.finish()]
    return "".join(text for text, _ in parts), [picture for _, pictures in parts for picture in pictures]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"Here: ![A red square]({URL}) it is.", "Here:  it is."),
        (f'![red]({URL} "A title") after', " after"),
        (f"![red](<{URL}>) after", " after"),
        (f"![]({URL})", ""),
        (f'A <img alt="red" src="{URL}" width=20 /> b', "A  b"),
        (f"A <img src='{URL}'> b", "A  b"),
        (f"Bare:\n{URL}\nafter", "Bare:\n\nafter"),
        (f"In `{URL}` ticks", "In `` ticks"),
        (f"![red](DATA:image/PNG;charset=utf-8;base64,{DATA}) b", " b"),
        (f"![wrapped](data:image/png;base64,{WRAPPED}) b", " b"),
        (f"![cut off]({URL}", ""),
    ],
)
def test_a_data_url_is_taken_out_of_the_text(text: str, kept: str) -> None:
    found, pictures = sieved(text)
    assert found == kept
    assert ["".join(picture.split()) for picture in pictures] == [DATA]


def test_several_pictures_are_taken_in_their_order() -> None:
    other = "A" * 500
    text = f"![a]({URL}) and ![b](data:image/webp;base64,{other})."
    assert sieved(text) == (" and .", [DATA, other])


@pytest.mark.parametrize(
    "text",
    [
        "No picture, but data: image, ![alt](https://example.org/a.png) and <img src=x> and <b>.",
        "An example: `data:image/gif;base64,R0lGODlhAQABAAAAACw=` is one pixel.",
        '![dot](data:image/gif;base64,R0lGODlhAQABAAAAACw= "a title") is kept',
        f'```html\n<img src="{URL}">\n```',
        f"~~~~\n~~~\n{URL}\n~~~~\n",
        f"- ```html\n  <img src='{URL}'>\n  ```\n",
        f"1. Write:\n\n    ```html\n    <img src='{URL}'>\n    ```\n",
        f"10) ~~~\n    {URL}\n    ~~~\n",
        f"- * ```\n    {URL}\n",
        f"> ```html\n> <img src='{URL}'>\n> ```\n",
        f"> - ```\n>   {URL}\n>   ```\n",
        f"\t```\n\t{URL}\n\t```\n",
        f"```markdown\n> ```\n- ```\n    ```\n{URL}\n```\n",
        "Wow!",
        "What about <",
        "It ends with ![alt](data:image/png",
        "It ends with the word data",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert sieved(text) == (text, [])
    assert sieved(*text) == (text, [])


@pytest.mark.parametrize(
    "before",
    [
        "```\ncode\n```\n",
        "```\ncode\n   ```\n",
        "- ```\n  code\n  ```\n",
        "1. Write:\n\n   ```\n   code\n   ```\n",
        "> ```\n> code\n> ```\n",
        "```code``` in a line\n",
        "- no fence: ```\n",
    ],
)
def test_a_picture_after_a_closed_fence_is_taken(before: str) -> None:
    assert sieved(f"{before}![a]({URL})") == (before, [DATA])
    assert sieved(*f"{before}![a]({URL})") == (before, [DATA])


def test_a_picture_beyond_the_limit_is_dropped_and_what_follows_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(picture_sieve, "MAX_BASE64", len(DATA) - 1)
    assert sieved(f"before ![a]({URL}) after") == ("before  after", [])


def test_text_is_given_at_once_unless_it_may_begin_a_picture() -> None:
    sieve = PictureSieve()
    assert sieve.feed("A sentence! And") == ("A sentence! And", [])
    assert sieve.feed(" more ![") == (" more ", [])
    assert sieve.feed("not a picture]") == ("", [])
    assert sieve.feed(" after all") == ("![not a picture] after all", [])


PARTS = st.sampled_from(
    [
        "word ",
        "!",
        "![",
        "![alt](",
        ")",
        "data:",
        "image/png;base64,",
        URL,
        f"![a]({URL})",
        "<img src='",
        "'>",
        "\n```\n",
        "\n- ```\n",
        "> ",
        "\n",
    ]
)


@given(parts=st.lists(PARTS, max_size=12), cuts=st.lists(st.integers(0, 6000), max_size=8))
def test_how_a_text_is_cut_makes_no_difference(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
    assert sieved(*pieces) == sieved(text)
