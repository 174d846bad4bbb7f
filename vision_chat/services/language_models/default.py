"""The default model: that of all who have chosen none."""

from django.db import transaction

from vision_chat.models import LanguageModel


@transaction.atomic
def make_default(row: LanguageModel) -> None:
    """Let this model be the default, and the one before it no longer.

    The model of the environment is the default where no row is, so it is never marked.
    """
    # two administrators at once: the second sees what the first has chosen
    list(LanguageModel.objects.select_for_update().order_by("pk").values_list("pk"))
    LanguageModel.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
    row.is_default = not row.is_from_environment
    row.save(update_fields=["is_default"])
