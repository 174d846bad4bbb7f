from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0003_habits'),
    ]

    operations = [
        migrations.CreateModel(
            name='Site',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('site_id', models.CharField(max_length=32)),
            ],
        ),
    ]
