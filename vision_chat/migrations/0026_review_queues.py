from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0025_audit_triggers")]

    operations = [
        migrations.AddField(
            model_name="rule",
            name="looked_for",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="By which values of the rule.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="looked_through",
            field=models.PositiveBigIntegerField(
                default=0, editable=False, help_text="Number of the last turn that was looked at."
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "in review"),
                    ("done", "done"),
                    ("skipped", "skipped"),
                    ("expired", "given back"),
                    ("withdrawn", "withdrawn"),
                ],
                default="active",
                max_length=9,
                verbose_name="state",
            ),
        ),
    ]
