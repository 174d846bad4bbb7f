"""Code: the frame around it, and its tokens in the few classes that the style sheet colours."""

import re
from functools import lru_cache
from html import escape

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

MAX_LINES = 300
MAX_CHARACTERS = 20_000

_CLASSES = {
    Token.Comment: "c",
    Token.Comment.Preproc: "cp",
    Token.Comment.PreprocFile: "s",
    Token.Keyword: "k",
    Token.Keyword.Type: "kt",
    Token.Literal.Number: "m",
    Token.Literal.String: "s",
    Token.Name.Attribute: "na",
    Token.Name.Builtin: "nb",
    Token.Name.Class: "nc",
    Token.Name.Constant: "no",
    Token.Name.Decorator: "nd",
    Token.Name.Exception: "nc",
    Token.Name.Function: "nf",
    Token.Name.Tag: "nt",
    Token.Name.Variable: "nv",
    Token.Operator: "o",
    Token.Operator.Word: "k",
    Token.Generic.Deleted: "gd",
    Token.Generic.Heading: "gh",
    Token.Generic.Inserted: "gi",
    Token.Generic.Prompt: "gp",
    Token.Generic.Subheading: "gh",
}
TOKEN_CLASSES = frozenset(_CLASSES.values())

# Lexers are chosen by the model's words, and the rare ones are not hardened against hostile code.
_LANGUAGES = frozenset(
    {
        *(
            "bash",
            "bat",
            "c",
            "c#",
            "c++",
            "clojure",
            "cmake",
            "console",
            "cpp",
            "cs",
            "csharp",
            "css",
            "dart",
        ),
        *("diff", "docker", "dockerfile", "elixir", "erlang", "f#", "fortran", "fsharp", "go", "golang"),
        *("graphql", "groovy", "haskell", "hcl", "hs", "html", "http", "ini", "java", "javascript", "jinja"),
        *("js", "json", "jsx", "julia", "kotlin", "latex", "less", "lua", "make", "makefile", "matlab"),
        *("nginx", "nix", "objective-c", "objectivec", "ocaml", "octave", "pascal", "perl", "php"),
        *("powershell", "ps1", "protobuf", "py", "python", "pycon", "r", "rb", "ruby", "rs", "rust", "sass"),
        *("scala", "scss", "sh", "shell", "sql", "swift", "terraform", "tex", "toml", "ts", "tsx"),
        *("typescript", "vb.net", "vim", "vue", "xml", "yaml", "yml", "zig", "zsh"),
    }
)


@lru_cache(maxsize=128)
def _lexer(language: str) -> Lexer | None:
    if language not in _LANGUAGES:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


# what models write most; the others are made when they first appear
USUAL_LANGUAGES = ("python", "bash", "sh", "json", "javascript", "js", "html", "css", "sql", "ts")


def warm_up() -> None:
    """Make the usual lexers. Each compiles hundreds of expressions, up to 100 ms in which nobody's answer
    would move: to be called on a thread, once the server answers.
    """
    for language in USUAL_LANGUAGES:
        _lexer(language)


@lru_cache(maxsize=512)
def _class_of(token: _TokenType) -> str | None:
    kind: _TokenType | None = token
    while kind is not None:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return None


_FOREIGN_TO_NAMES = re.compile(r"[^\w+#.-]")


def language_name(info: str) -> str:
    """The language in a fence's info string, with nothing in it that could mean anything to HTML."""
    words = info.split(None, 1)
    return _FOREIGN_TO_NAMES.sub("", words[0])[:30] if words else ""


def frame(code_html: str, language: str) -> str:
    """The element around a code block, the same for an open and a closed one, so that nothing jumps.

    The page's script puts its copy button here; `data-language` is there when a language was named.
    """
    if not language:
        return f'<div class="code" dir="ltr"><pre><code>{code_html}</code></pre></div>'
    start = (
        f'<div class="code" dir="ltr" data-language="{language}"><div class="code-language">{language}</div>'
    )
    return f"{start}<pre><code>{code_html}</code></pre></div>"


@lru_cache(maxsize=64)
def highlight(code: str, language: str) -> str:
    """`code` as HTML with its tokens marked, or merely escaped when it is too long or unknown.

    Kept for the last few blocks: code inside a list is rendered again with every change of the list.
    """
    lexer = _lexer(language.lower())
    if lexer is None or len(code) > MAX_CHARACTERS or code.count("\n") > MAX_LINES:
        return escape(code, quote=False)
    parts: list[str] = []
    open_class: str | None = None
    for _, token, text in lexer.get_tokens_unprocessed(code):
        token_class = _class_of(token)
        if token_class != open_class:
            parts.append("</span>" if open_class else "")
            parts.append(f'<span class="{token_class}">' if token_class else "")
            open_class = token_class
        parts.append(escape(text, quote=False))
    parts.append("</span>" if open_class else "")
    return "".join(parts)
