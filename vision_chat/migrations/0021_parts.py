from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0020_picture_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='generation',
            name='tile',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Number of the tile that was asked about, where several are asked one after the other.', null=True, verbose_name='part of the picture'),
        ),
    ]
