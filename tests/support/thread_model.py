"""A page that takes the events of a conversation, written from docs/protocol.md alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.support.page_model import PageModel

BODY = re.compile(
    r"data-body>(?P<body>.*?)</div>\s*"
    r"(?:<div class=\"reply-end\">\s*(?P<versions><div[^>]*data-versions\b.*?</div>)\s*)?"
    r"(?:<footer (?:data-footer|class=\"waiting\")>(?P<footer>.*)</footer>\s*(?:</div>\s*)?)?</article>",
    re.S,
)
BLOCK = '<div class="block" dir="auto">'
ARTICLE = re.compile(r"<article\s+class=\"message\".*?</article>", re.S)


@dataclass(slots=True)
class Article:
    """One message as a page shows it."""

    id: str
    role: str
    status: str
    revision: int
    body: PageModel
    footer: str
    siblings: str = ""
    waits: bool = False
    note: str = ""

    @classmethod
    def of(cls, html: str) -> "Article":
        body = BODY.search(html)
        assert body is not None, html
        values = dict(re.findall(r'data-([a-z-]+)="([^"]*)"', html.partition("data-body")[0]))
        blocks = [block.removesuffix("</div>") for block in body["body"].split(BLOCK)[1:]]
        return cls(
            id=values["message-id"],
            role=values["role"],
            status=values.get("status", ""),
            revision=int(values["revision"]),
            body=PageModel(blocks if values["role"] == "assistant" else [body["body"]]),
            footer=(body["footer"] or "").strip(),
            siblings=values.get("siblings", ""),
            waits="data-waiting" in html,
        )

    def shown(self) -> tuple[object, ...]:
        """Return what a person sees: a running reply has no footer, and white space at its end is nothing."""
        end = None if self.status == "running" else (self.revision, self.footer)
        return self.id, self.role, self.status, self.siblings, self.waits, self.body.blocks, end


class ThreadModel:
    """`is_stale` is set where the page must be fetched again."""

    def __init__(self, articles: Iterable[str]) -> None:
        self.articles = [Article.of(html) for html in articles]
        self.is_stale = False
        self.tree_revision: int | None = None

    @classmethod
    def of_page(cls, html: str) -> "ThreadModel":
        """Return the thread of a whole page."""
        thread = cls(ARTICLE.findall(html))
        revision = re.search(r'data-tree-revision="(\d+)"', html)
        thread.tree_revision = int(revision[1]) if revision else None
        return thread

    @property
    def leaf_id(self) -> str | None:
        return self.articles[-1].id if self.articles else None

    @property
    def shows_waiting(self) -> bool:
        return any(article.waits for article in self.articles)

    @property
    def cursors(self) -> dict[str, int]:
        """How far it shows the replies that ran, and the last one."""
        replies = [article for article in self.articles if article.role == "assistant"]
        return {
            article.id: article.revision
            for article in replies
            if article.status == "running" or article is replies[-1]
        }

    def shown(self) -> list[tuple[object, ...]]:
        return [article.shown() for article in self.articles]

    def connect(self) -> None:
        """Open a socket, which knows nothing of what an earlier one has sent."""
        for article in self.articles:
            article.body = PageModel(article.body.blocks)

    def apply(self, event: dict[str, Any]) -> None:
        if event["type"] == "message.created":
            self._create(event)
        elif event["type"] == "message.removed":
            self.articles = [article for article in self.articles if article.id != event["message_id"]]
        elif event["type"] == "conversation.stale":
            self.is_stale = True
        elif event["type"].startswith("reply."):
            self._grow(event)

    def _create(self, event: dict[str, Any]) -> None:
        article, ids = Article.of(event["html"]), [article.id for article in self.articles]
        if event["message_id"] in ids:
            self.articles[ids.index(event["message_id"])] = article
        elif event["parent_id"] is None:
            self.articles = [article]
        elif event["parent_id"] in ids:
            del self.articles[ids.index(event["parent_id"]) + 1 :]
            self.articles.append(article)
        else:
            self.is_stale = True

    def _grow(self, event: dict[str, Any]) -> None:
        (article,) = (article for article in self.articles if article.id == event["message_id"])
        article.note = event["text"] if event["type"] == "reply.note" else ""
        if event["type"] == "reply.note":
            return
        article.body.apply(event)
        article.revision = event["revision"]
        article.status = event.get("status", "running")
        if event["type"] == "reply.settled":
            article.footer = event["html"].strip()
