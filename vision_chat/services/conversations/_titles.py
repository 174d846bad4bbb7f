"""Titles of new conversations, made from their first question."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext

from vision_chat.models import UploadedImage
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.services.vision.family import sought_in

TITLE_LENGTH = 60


def title_for(text: str, images: Sequence[UploadedImage]) -> str:
    """Return the first line of the question, cut at a word; without text the name or number of the images.

    Of a question that asks where something is in the words for a model, only what is to be found.
    """
    if what := sought_in(text):
        text = gettext("Locate: %(what)s") % {"what": what}
    line = " ".join(text.strip().partition("\n")[0].split())
    if not line and len(images) == 1:
        line = images[0].name
    elif not line:
        line = ngettext("%(count)s picture", "%(count)s pictures", len(images)) % {"count": len(images)}
    if len(line) > TITLE_LENGTH:
        line = (line[:TITLE_LENGTH].rsplit(" ", 1)[0] or line[:TITLE_LENGTH]).rstrip(" ,.;:") + "…"
    return line[:MAX_TITLE_LENGTH]
