"""Images that an endpoint did not accept, in the footer of the reply that failed for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.urls import reverse
from django.utils.translation import gettext

from vision_chat.errors.completions import ImageRefusedError
from vision_chat.models import Generation
from vision_chat.services.presentation.image_names import listed


@dataclass(frozen=True, slots=True)
class RefusedImageView:
    """An image that the endpoint may have refused, for the template `_refused_images.html`."""

    id: str
    name: str
    thumbnail_url: str
    is_alone: bool
    """True where its question is nothing else, so that nothing is asked without it."""

    @classmethod
    def of(cls, image: Mapping[str, Any]) -> Self:
        """View an image as the error has it."""
        url = reverse("image", args=[image["id"], "thumbnail"])
        return cls(image["id"], image["name"], url, image["alone"])


def refused_images(generation: Generation) -> list[RefusedImageView]:
    """Return the images of which the endpoint did not accept one; none where it failed for something else."""
    if generation.error_code != ImageRefusedError.code:
        return []
    return [RefusedImageView.of(image) for image in generation.error_params.get("images", ())]


def refusal_sentence(images: Sequence[RefusedImageView]) -> str:
    """Return what is said of images that were refused; "" where none is known."""
    if not images:
        return ""
    if len(images) > 1:
        return gettext(
            "The model’s server did not accept one of these pictures, and did not say which. "
            "Choose the one to go on without."
        )
    names = {"name": listed([images[0].name])}
    if images[0].is_alone:
        text = gettext(
            "The model’s server did not accept the picture %(name)s, and your question is nothing else. "
            "Leave it out and write what you want to know, or edit the question."
        )
        return text % names
    return gettext("The model’s server did not accept the picture %(name)s.") % names
