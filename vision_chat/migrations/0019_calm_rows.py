from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0018_request_summary")]

    operations = [
        migrations.AddField(
            model_name="uploadedimage",
            name="calm_rows",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Where a long strip can be cut between lines of text, along its longer side.",
                verbose_name="calm rows",
            ),
        ),
    ]
