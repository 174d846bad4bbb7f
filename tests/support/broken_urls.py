"""The product's addresses, and one whose view is a bug."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from chatsite.urls import urlpatterns as addresses


def bug(request: HttpRequest) -> HttpResponse:
    raise AttributeError("a bug")


urlpatterns = [path("bug/", bug), *addresses]
