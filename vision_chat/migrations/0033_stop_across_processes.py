from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0032_marks_and_audit_times")]
    operations = [
        migrations.AddField(
            model_name="generation",
            name="is_stop_wanted",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Its person has stopped it in another process than the one that runs it.",
                verbose_name="to be stopped",
            ),
        ),
    ]
