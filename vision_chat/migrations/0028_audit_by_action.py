from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0027_conversation_figures")]
    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "-sequence"], name="audit_by_action"),
        ),
    ]
