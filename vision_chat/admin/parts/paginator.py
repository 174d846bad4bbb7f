"""Pages of long lists, without counting all of their rows."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from vision_chat.services.reviews.queries import MOST, counted

if TYPE_CHECKING:
    RowPaginator = Paginator[Any]
else:
    RowPaginator = Paginator


class UncountedPaginator(RowPaginator):
    """Counts no further than to `MOST`, or to the end of the page that is asked for.

    There is one more page than it has counted where there are more rows.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, page: str) -> None:
        super().__init__(rows, per_page)
        self.rows = rows
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 10 else 1
        self.most = max(MOST, number * per_page)

    @cached_property
    def count(self) -> int:
        return counted(self.rows, self.most)
