from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0011_models_and_branches'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='tree_revision',
            field=models.PositiveIntegerField(default=0, editable=False, help_text='Raised whenever messages get other siblings.', verbose_name='revision of its branches'),
        ),
    ]
