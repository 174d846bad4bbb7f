"""Make today's reviews answers to a default rubric, of each author and conversation the latest being current."""

from django.db import migrations
from django.db.models import Max

VERDICTS = [("good", "Good", "good"), ("flawed", "Flawed", "mixed"), ("harmful", "Harmful", "bad")]


def give_reviews_their_rubric(apps, schema_editor):
    Review = apps.get_model("vision_chat", "Review")
    reviews = Review.objects.filter(rubric_version=None)
    if not reviews.exists():
        return
    version = _default_version(apps)
    reviews.update(rubric_version=version)
    authors = Review.objects.exclude(author=None).order_by()
    latest = authors.values("conversation", "author").annotate(latest=Max("pk")).values("latest")
    authors.exclude(pk__in=latest).update(is_current=False)


def _default_version(apps):
    rubric = apps.get_model("vision_chat", "Rubric").objects.create(name="Default")
    apps.get_model("vision_chat", "RubricVerdict").objects.bulk_create(
        apps.get_model("vision_chat", "RubricVerdict")(
            rubric=rubric, position=place, value=value, label=label, tone=tone
        )
        for place, (value, label, tone) in enumerate(VERDICTS)
    )
    verdicts = [{"value": value, "label": label, "tone": tone} for value, label, tone in VERDICTS]
    definition = {"policy": "", "verdicts": verdicts, "questions": []}
    versions = apps.get_model("vision_chat", "RubricVersion").objects
    return versions.create(rubric=rubric, number=1, definition=definition)


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0022_review_workspace")]
    operations = [migrations.RunPython(give_reviews_their_rubric, migrations.RunPython.noop)]
