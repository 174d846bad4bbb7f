"""Errors of the completion call: no answer, or not a complete one."""

from vision_chat.errors.base import ChatError, gettext_noop


class CompletionError(ChatError):
    """The endpoint's answer failed or ended early. Text that had arrived is kept."""

    code = "completion.failed"
    retry_after: float | None = None  # seconds, where the endpoint named them
    words: str = ""
    """All that the endpoint said, without what it quotes in fields of their own: for finding its habits."""


class UnreachableError(CompletionError):
    code = "endpoint.unreachable"
    message = gettext_noop("The model’s server cannot be reached. Please try again in a moment.")
    retryable = True


class UnknownHostError(UnreachableError):
    code = "endpoint.unknown_host"
    message = gettext_noop(
        "The address of the model’s server cannot be found. Please try again. If this keeps happening, "
        "an administrator needs to check the address and the network."
    )


class UntrustedError(UnreachableError):
    code = "endpoint.untrusted"
    message = gettext_noop(
        "The model’s server could not prove its identity, so nothing was sent. "
        "An administrator needs to check its address and certificate."
    )
    retryable = False


class KeyRefusedError(CompletionError):
    code = "endpoint.key_refused"
    message = gettext_noop(
        "The model’s server does not accept this site’s API key. An administrator needs to set a valid one."
    )


class CreditsError(CompletionError):
    code = "endpoint.credits"
    message = gettext_noop(
        "This site’s account at the model’s provider has no credit left. "
        "An administrator needs to check the account."
    )


class QuotaError(CompletionError):
    code = "endpoint.quota"
    message = gettext_noop(
        "This site has reached its usage limit at the model’s provider. Please try again later; "
        "an administrator can see the provider’s reason."
    )


class NotAllowedError(CompletionError):
    code = "endpoint.not_allowed"
    message = gettext_noop(
        "The model’s server does not allow this site to use the model. "
        "An administrator can see the reason and needs to check the account."
    )


class RegionError(CompletionError):
    code = "endpoint.region"
    message = gettext_noop(
        "The model’s provider does not serve the country or region that this site calls from. "
        "An administrator needs to choose another provider."
    )


class FirewallError(CompletionError):
    code = "endpoint.firewall"
    message = gettext_noop(
        "A firewall in front of the model’s server blocked this request. "
        "An administrator needs to check the connection to the server."
    )


class ModeratedError(CompletionError):
    code = "endpoint.moderated"
    message = gettext_noop(
        "The provider’s content filter did not accept this question. Try other words or pictures."
    )


class ModelNotFoundError(CompletionError):
    code = "endpoint.model_not_found"
    message = gettext_noop(
        "The provider does not offer the model %(model_name)s, or no longer does. "
        "An administrator needs to choose another one."
    )


class RequestTooLargeError(CompletionError):
    code = "endpoint.too_large"
    message = gettext_noop(
        "This conversation is too large for the model’s server. "
        "Start a new one, with fewer or smaller pictures and less text."
    )


class ContextTooLongError(CompletionError):
    code = "endpoint.context_too_long"
    message = gettext_noop("This conversation has become too long for the model. Please start a new one.")


class NoImagesError(CompletionError):
    code = "endpoint.no_images"
    message = gettext_noop(
        "The model %(model_name)s cannot see pictures. Ask again without them, or "
        "ask an administrator to choose a model that can see them."
    )


class RequestRefusedError(CompletionError):
    code = "endpoint.refused"
    message = gettext_noop(
        "The model’s server did not accept this request. Try other words or pictures; "
        "an administrator can see the server’s reason."
    )


class ImageRefusedError(RequestRefusedError):
    """`images` are those that it may be, each with `id` and `name`, as far as the request is known.

    One that is `alone` is all that its question consists of.
    """

    code = "endpoint.image_refused"
    message = gettext_noop(
        "The model’s server did not accept a picture of this conversation. Leave it out, and ask again."
    )


class RateLimitedError(CompletionError):
    code = "endpoint.rate_limited"
    message = gettext_noop("The model is receiving too many requests. Please try again in a minute.")
    retryable = True


class EndpointFailedError(CompletionError):
    code = "endpoint.failed"
    message = gettext_noop("The model’s server reported a problem. Please try again in a moment.")
    retryable = True


class OverloadedError(EndpointFailedError):
    code = "endpoint.overloaded"
    message = gettext_noop("The model’s server is overloaded right now. Please try again in a minute.")


class EndpointAwayError(CompletionError):
    """The endpoint has failed so often that nothing is sent to it for `seconds`."""

    code = "endpoint.away"
    message = gettext_noop(
        "The model’s server has not answered lately, so your question was not sent. "
        "It is tried again in about %(seconds)s s."
    )
    retryable = True


class ModelLoadingError(EndpointFailedError):
    code = "endpoint.loading"
    message = gettext_noop("The model is still loading. Please try again in a few minutes.")


class NotACompletionError(CompletionError):
    code = "endpoint.not_a_completion"
    message = gettext_noop(
        "No chat model answers at the address that is set here. An administrator needs to check it."
    )


class EndpointTimeoutError(CompletionError):
    """A timeout of `seconds` has passed, which the detail says: only administrators can change it."""

    code = "endpoint.timeout"
    retryable = True

    def __init__(self, detail: str = "", *, seconds: int) -> None:
        super().__init__(f"{detail} after {seconds} s".lstrip(), seconds=seconds)


class ConnectTimeoutError(EndpointTimeoutError):
    code = "endpoint.connect_timeout"
    message = gettext_noop("The model’s server did not accept a connection in time. Please try again.")


class FirstTokenTimeoutError(EndpointTimeoutError):
    code = "endpoint.first_token_timeout"
    message = gettext_noop("The model did not begin to answer in time. Please try again.")


class TokenTimeoutError(EndpointTimeoutError):
    code = "endpoint.token_timeout"
    message = gettext_noop("The model stopped sending. The answer so far is kept: continue it, or try again.")


class ReplyTimeoutError(EndpointTimeoutError):
    code = "endpoint.reply_timeout"
    message = gettext_noop(
        "The answer took too long and was ended. What came so far is kept: continue it, or try again."
    )


class DisconnectedError(CompletionError):
    code = "endpoint.disconnected"
    message = gettext_noop("The model’s server closed the connection before it answered. Please try again.")
    retryable = True


class ReplyLostError(CompletionError):
    code = "reply.lost"
    message = gettext_noop(
        "The connection to the model was lost in the middle of the answer. Continue it, or try again."
    )
    retryable = True


class ReplyFailedError(CompletionError):
    code = "reply.failed"
    message = gettext_noop(
        "The model reported an error in the middle of its answer. Continue it, or try again."
    )
    retryable = True


class ReplyCutOffError(CompletionError):
    code = "reply.cut_off"
    message = gettext_noop("The answer was cut off before it was complete. Continue it, or try again.")
    retryable = True


class ReplyFilteredError(CompletionError):
    code = "reply.filtered"
    message = gettext_noop(
        "The provider’s content filter blocked this answer before it began. "
        "Try other words, or leave out the picture that may have caused it."
    )
    retryable = True


class ThoughtsOnlyError(CompletionError):
    code = "reply.thoughts_only"
    message = gettext_noop("The model was thinking, but wrote no answer. Please try again.")
    retryable = True


class ThoughtsTooLongError(CompletionError):
    code = "reply.thoughts_too_long"
    message = gettext_noop(
        "The model reached its length limit before it wrote an answer, most likely while thinking. "
        "Please try again, or ask for less at once."
    )
    retryable = True


class ReplyEmptyError(CompletionError):
    code = "reply.empty"
    message = gettext_noop("The model’s answer was empty. Please try again, or ask in other words.")
    retryable = True
