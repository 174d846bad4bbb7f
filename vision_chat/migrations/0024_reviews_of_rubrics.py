import django.db.models.deletion
import vision_chat.models.rubric
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vision_chat", "0023_default_rubric")]
    operations = [
        migrations.AlterField(
            model_name="review",
            name="rubric_version",
            field=models.ForeignKey(default=vision_chat.models.rubric.default_rubric_version, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vision_chat.rubricversion", verbose_name="version of the rubric"),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('assignment',), name='one_current_review_per_assignment'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(condition=models.Q(('assignment', None), ('is_current', True)), fields=('conversation', 'author'), name='one_current_review_outside_queues'),
        ),
    ]
