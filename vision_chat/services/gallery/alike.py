"""Pictures of a person that look alike."""

from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import UploadedImage
from vision_chat.services.gallery.places import Place, places_of
from vision_chat.services.images.perceptual_hash import FEATURELESS, look_alike

MAX_ALIKE: Final = 50


def alike(user: AbstractBaseUser, image: UploadedImage) -> list[UploadedImage]:
    """Return the newest of the person's other pictures that messages show and that look like this one."""
    hashed = image.perceptual_hash
    if hashed is None or hashed == FEATURELESS:
        return []
    shown = UploadedImage.objects.shown_to(user).filter(look=image.look).exclude(pk=image.pk)
    return [
        other
        for other in shown.newest_first()[:MAX_ALIKE]
        if other.perceptual_hash is not None and look_alike(other.perceptual_hash, hashed)
    ]


def asked_before(user: AbstractBaseUser, image: UploadedImage) -> Place | None:
    """Return the newest message that shows a picture like this one; None where there is none."""
    places = places_of(user, [other.pk for other in alike(user, image)], limit=1)
    return places[0] if places else None
