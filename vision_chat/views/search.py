"""Search over a person's own conversations."""

from datetime import date, datetime, time
from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from vision_chat.forms import SearchForm
from vision_chat.server.runtime import runtime_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.search.find import Filters, find

_LONG_AGO = date(1970, 1, 1)


@never_cache
@login_required
@require_safe
async def results(request: HttpRequest) -> HttpResponse:
    """Return the HTML of what has the words `q`, or 400 with a sentence. People take turns, as at pages."""
    request.user = cast(User, await request.auser())
    await release_connection()
    form = SearchForm(request.GET)
    if not form.is_valid():
        sentence = next(iter(form.errors.values()))[0]
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    query, since, with_images = (form.cleaned_data[name] for name in ("q", "since", "pictures"))
    filters = Filters(since=since and _midnight(since), with_images=with_images)
    return await runtime_of(request).pages.run_for(request.user.pk, _results, request, query, filters)


@gzip_page
def _results(request: HttpRequest, query: str, filters: Filters) -> HttpResponse:
    hits = find(cast(User, request.user), query, filters)
    return render(request, "_search_results.html", {"query": query, "hits": hits})


def _midnight(day: date) -> datetime:
    """Return the beginning of a day where the site is; the first days of the calendar have none in UTC."""
    return timezone.make_aware(datetime.combine(max(day, _LONG_AGO), time.min))
