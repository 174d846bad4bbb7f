"""Rows for models that the catalogue of an endpoint offers."""

from collections.abc import Iterable

from django.db import transaction

from vision_chat.models import Endpoint, LanguageModel
from vision_chat.services.completions.entries import Entry


@transaction.atomic
def import_models(endpoint: Endpoint, entries: Iterable[Entry]) -> list[LanguageModel]:
    """Add the models of these entries with all that the catalogue tells of them; what exists stays as it is.

    Returns the rows that are new. A model of which the catalogue says that it takes no images gets 0 of them.
    """
    taken = names_at(endpoint)
    new = [_row(endpoint, entry) for entry in entries if entry.model_name not in taken]
    return LanguageModel.objects.bulk_create(new)


def names_at(endpoint: Endpoint) -> set[str]:
    """Return the names of the models that an endpoint has rows for."""
    return set(endpoint.language_models.values_list("model_name", flat=True))


def _row(endpoint: Endpoint, entry: Entry) -> LanguageModel:
    return LanguageModel(
        endpoint=endpoint,
        model_name=entry.model_name,
        label=entry.label,
        max_images=0 if entry.takes_images is False else None,
        context_tokens=entry.context_tokens,
        max_output_tokens=entry.max_output_tokens,
        input_price=entry.input_price,
        output_price=entry.output_price,
    )
