from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("vision_chat", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="starts_at",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Length of the reply’s text before this generation, in characters.",
                verbose_name="start",
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="thinking_ms",
            field=models.PositiveIntegerField(null=True, verbose_name="ms of thinking"),
        ),
    ]
