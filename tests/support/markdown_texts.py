"""Markdown to try documents with: the corpus of answers, and nonsense made of what Markdown is made of."""

import random

from tests.support.paths import CORPUS as CORPUS_FOLDER

CORPUS = {path.stem: path.read_text() for path in sorted(CORPUS_FOLDER.glob("*.md"))}

_WORDS = [
    "word",
    " foo",
    "bar ",
    "The picture",
    "hello world, this is text",
    "0",
    "42",
    "é",
    "日本",
    "😀",
    "x^2",
]
_SPACE = ["\n", "\n", "\n\n", "\n\n\n", "  ", "   ", "    ", "\t", "\u00a0", "\u2028", "\r\n", "\r", "\x00"]
_MARKS = [
    *(
        "**",
        "*",
        "_",
        "`",
        "``",
        "~~",
        "- ",
        "* ",
        "1. ",
        "2) ",
        "> ",
        "# ",
        "## ",
        "|",
        "---",
        "===",
        "----",
    ),
    *("[", "]", "(", ")", "](", "<", "&", ";", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\", "\\*", "!"),
    *(
        ".",
        ",",
        ":",
        "- [ ] ",
        "- [x] ",
        "1.",
        "+",
        "=",
        '"',
        "'",
        "{",
        "}",
        "#",
        " #",
        "@",
        "|\n",
        "[x]",
        "\n>",
    ),
]
_BLOCKS = [
    *(
        "```",
        "~~~",
        "```py\n",
        "```\n",
        "\n```",
        "\n~~~\n",
        "\n  ```js\n",
        "import x\n",
        "def f(a): return a < b\n",
    ),
    *("\n- item", "\n  - sub", "\n1. one", "\n+ b", "\n    code", "\n\n   para", "\n> - q"),
    *("|a|b|\n", "|-|-|\n", "a|b", "\n-|-\n", "\n\\[\n", "\n\\]\n", "\n$$\n"),
]
_SPANS = [
    *(
        "[a](http://b.c)",
        "[1]",
        "[1]: http://x.y\n",
        "[foo]",
        "[foo]: /u 'ti'\n",
        "![alt](http://i)",
        "`code`",
    ),
    *("**bold**", "*a*", "http://x.y/z", "&amp;", "&lt", "<http://a.b>", "<br>", "<div>", "</div>", "<sub>"),
    *("</sub>", "<u>", "<details>\n", "<summary>s</summary>\n", "</details>\n", "<!-- c -->", "<script>"),
    *(
        "<b>",
        "</b>",
        '<td align="left">',
        "<table border=1>\n",
        "<tr>",
        "</table>\n",
        "<ul><li>",
        "</li></ul>",
        "<!--",
    ),
    *(
        "-->",
        "<img src=http://i.j alt=k>",
        "<div>\n\n",
        "www.x.y",
        "http",
        "://a.b/c_d",
        "a@b.org",
        "@",
        "[^1]",
    ),
    *("[^1]: note\n", "[^a]: http://x.y\n", "~", "5~7", "\\begin{align}", "\\end{align}", "\n```markdown\n"),
]
_FRAGMENTS = [*_WORDS, *_SPACE, *_MARKS, *_BLOCKS, *_SPANS]


def nonsense(chance: random.Random) -> str:
    length = chance.randint(1, chance.choice((6, 15, 40)))
    return "".join(chance.choice(_FRAGMENTS) for _ in range(length))


_EVERYDAY = [
    *(
        "The",
        " word",
        "foo bar",
        "4.1",
        "$5",
        " $4.1",
        "x",
        "日本",
        "(",
        ",",
        ".",
        ":",
        " ",
        "  ",
        "\n",
        "\n\n",
    ),
    *("**", "*", "`", "__", "***", "\\", "**b**", "`c`", " **No", "[a]", "[a]: http://x\n", "<br>"),
    *(
        "- ",
        "1. ",
        "2. ",
        "  - ",
        "\n- ",
        "\n2. ",
        "\n\n- a",
        "\n\n1. a",
        "- [ ] ",
        "- [x] ",
        "\n- [ ] 1",
        "+ ",
    ),
    *(
        "| ",
        "|",
        "\n|",
        "\n| A | B |\n|---|--:|\n",
        "\n\nThe",
        "\n\n## h",
        "\n> ",
        "\n---\n",
        "\n```\n",
        "```py\n",
    ),
    *("$$", "$", "\\[", "\\]", "\\frac{a}", " = b", "\\begin{cases}", "\\end{cases}\n"),
    *(
        "https://a.b/c",
        "www.a.b.",
        "(a@b.org)",
        "[^1]",
        "\n[^1]: note\n",
        "<b>",
        "</b>",
        "~~",
        "5~7",
        "```md\n",
    ),
    *("<table>\n<tr><td>", "</td></tr>\n</table>\n", "<br>\n", "\n| a | b |\n"),
]


def everyday(chance: random.Random) -> str:
    """Return what models write, in an order in which they do not: few elements, so that they meet often."""
    some = chance.sample(_EVERYDAY, chance.choice((6, 10, 20, len(_EVERYDAY))))
    return "".join(chance.choice(some) for _ in range(chance.choice((4, 8, 16, 30))))


def chunks(text: str, chance: random.Random, longest: int) -> list[str]:
    """`text` in pieces of random lengths, as a model sends it."""
    found = []
    position = 0
    while position < len(text):
        length = chance.randint(1, longest)
        found.append(text[position : position + length])
        position += length
    return found
