import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0034_workers")]
    operations = [
        migrations.AddField(
            model_name="completion",
            name="language_model",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Its row, as long as there is one. A queued reply is asked for by it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="vision_chat.languagemodel",
                verbose_name="language model",
            ),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="max_replies",
            field=models.PositiveIntegerField(
                blank=True,
                help_text=(
                    "Most answers that are written there at the same time. Further ones wait. Empty: no limit."
                ),
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="answers at once",
            ),
        ),
    ]
