from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0031_moderation")]
    operations = [
        migrations.AddField(
            model_name="rule",
            name="marks_looked_at",
            field=models.DateTimeField(
                null=True,
                editable=False,
                help_text="When everything was found that people had marked until then.",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["at", "sequence"], name="audit_by_time"),
        ),
    ]
