import random

import pytest

from tests.support.markdown_texts import chunks
from tests.support.watching_document import assert_shown_as_afresh
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render

INSIDE = "# Title\n\n- a\n\n```python\nx = 1\n```\n\nEnd"


@pytest.mark.parametrize("opening", ["```markdown", "```md", "````markdown ", "\n\n```Markdown"])
def test_an_answer_wholly_in_a_fence_of_markdown_is_markdown(opening: str) -> None:
    marks = "````" if "````" in opening else "```"
    assert render(f"{opening}\n{INSIDE}\n{marks}\n") == render(INSIDE)
    assert render(f"{opening}\n{INSIDE}\n{marks}") == render(INSIDE)


def test_a_fence_without_an_end_is_markdown_too() -> None:
    assert render(f"```markdown\n{INSIDE}") == render(INSIDE)


def test_a_fence_that_text_follows_is_code_after_all() -> None:
    document = StreamingDocument("```markdown\n# Title\n```\n")
    assert document.blocks == ["<h1>Title</h1>"]
    document.feed("That is it.")
    document.render()
    assert 'data-language="markdown"' in document.blocks[0]
    assert "# Title" in document.blocks[0]
    assert "That is it." in document.blocks[1]


@pytest.mark.parametrize(
    "text", ["```python\nx\n```", "```\nx\n```", "```markdownish\nx\n```", "a\n\n```md\nx\n```"]
)
def test_other_fences_stay_code(text: str) -> None:
    assert 'class="code"' in render(text)[-1]


@pytest.mark.parametrize("end", ["", "\n```", "\n```\n", "\n```\n\nMore.", "\n``` `", "\n  ```  \n \n"])
def test_a_wrapped_answer_is_shown_alike_to_who_watches_and_who_comes_late(end: str) -> None:
    text = f"```markdown\n{INSIDE}{end}"
    for longest in (1, 3, 12):
        assert_shown_as_afresh(text, chunks(text, random.Random(end), longest))
