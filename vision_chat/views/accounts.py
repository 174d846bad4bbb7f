"""Signing in and out, and setting up the first administrator."""

from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth import login, views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from vision_chat.forms import SetupForm, SignInForm
from vision_chat.server.security import CLEAR_CACHE
from vision_chat.services.accounts import setup
from vision_chat.services.site import relay


class SignIn(views.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_set_up": not setup.is_open()}


class SignOut(views.LogoutView):
    """Sign out, and close the session's sockets, which would go on showing the conversation."""

    @method_decorator(never_cache)
    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user_id = request.user.pk
        response: HttpResponse = super().post(request, *args, **kwargs)
        if user_id:
            async_to_sync(relay.recheck_sessions)(user_id)
        response.headers["Clear-Site-Data"] = CLEAR_CACHE
        return response


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Create the administrator and sign in. Answers 404 without a valid token."""
    if not setup.is_valid(token):
        return _not_accepted(request)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        if not setup.create_administrator(token, user):
            return _not_accepted(request)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("new_chat")
    response = render(request, "setup.html", {"form": form})
    # the URL holds the token; with "no-referrer" browsers would post from the origin "null"
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _not_accepted(request: HttpRequest) -> HttpResponse:
    """Answer a used link, an old one and a guess alike."""
    return render(request, "setup_over.html", status=404)
