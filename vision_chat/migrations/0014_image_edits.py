from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0013_picture_tools'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeletedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(max_length=200, upload_to='')),
            ],
        ),
        migrations.AddField(
            model_name='uploadedimage',
            name='marked',
            field=models.FileField(blank=True, default='', help_text='The original with what was drawn on it.', max_length=200, upload_to='', verbose_name='with marks'),
            preserve_default=False,
        ),
    ]
