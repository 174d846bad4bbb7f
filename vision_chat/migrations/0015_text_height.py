from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0014_image_edits")]

    operations = [
        migrations.AddField(
            model_name="uploadedimage",
            name="text_height",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Pixels of the original; 0 where no text was found.",
                verbose_name="height of small text",
            ),
        ),
    ]
