from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0015_text_height'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='deleted_images',
            field=models.PositiveSmallIntegerField(default=0, editable=False, help_text='Number of those that it showed, and that their owner has deleted.', verbose_name='deleted pictures'),
        ),
        migrations.AddField(
            model_name='uploadedimage',
            name='look',
            field=models.BigIntegerField(blank=True, help_text='The perceptual hash of the first of those that look alike.', null=True, verbose_name='look'),
        ),
        migrations.AlterField(
            model_name='completion',
            name='purpose',
            field=models.CharField(choices=[('reply', 'reply'), ('test', 'test'), ('alt_text', 'alternative text')], default='reply', max_length=20, verbose_name='purpose'),
        ),
        migrations.AddIndex(
            model_name='imagecopy',
            index=models.Index(fields=['used_at'], name='copy_by_use'),
        ),
        migrations.AddIndex(
            model_name='uploadedimage',
            index=models.Index(fields=['owner', 'look'], name='image_by_owner_and_look'),
        ),
    ]
