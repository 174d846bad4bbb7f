import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def add_settings(apps, schema_editor):
    """Say of the versions before that they had no gold items, so that no queue seems changed."""
    versions = apps.get_model("vision_chat", "QueueVersion").objects.all()
    for version in versions.iterator(chunk_size=500):
        version.settings = {"gold_percent": 0, "gold_is_told": False, **version.settings}
        version.save(update_fields=["settings"])


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("vision_chat", "0029_read_consents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name='KnownVerdict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(max_length=40, verbose_name='verdict')),
                ('answers', models.JSONField(blank=True, default=dict, verbose_name='answers')),
                ('explanation', models.TextField(blank=True, max_length=5000, verbose_name='explanation')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'known verdict',
                'verbose_name_plural': 'known verdicts',
                'default_permissions': (),
            },
        ),
        migrations.RemoveConstraint(
            model_name='reviewitem',
            name='conversation_once_per_queue',
        ),
        migrations.RemoveConstraint(
            model_name='reviewitem',
            name='answer_once_per_queue',
        ),
        migrations.AddField(
            model_name='queue',
            name='gold_is_told',
            field=models.BooleanField(default=False, help_text='After their verdict they see the known one and why. Good for training.', verbose_name='tell reviewers afterwards'),
        ),
        migrations.AddField(
            model_name='queue',
            name='gold_percent',
            field=models.PositiveSmallIntegerField(default=0, help_text='In percent of what a reviewer is handed; with 0 there are none.', validators=[django.core.validators.MaxValueValidator(50)], verbose_name='share of gold items'),
        ),
        migrations.AddField(
            model_name='review',
            name='is_gold',
            field=models.BooleanField(default=False, help_text='Then it is no review of the conversation.', verbose_name='of a gold item'),
        ),
        migrations.AddField(
            model_name='reviewitem',
            name='gold_of',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='gold', to='vision_chat.reviewitem', verbose_name='gold item of'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.UniqueConstraint(condition=models.Q(('gold_of', None), ('message', None)), fields=('queue', 'conversation', 'through_message_id'), name='conversation_once_per_queue'),
        ),
        migrations.AddConstraint(
            model_name='reviewitem',
            constraint=models.UniqueConstraint(condition=models.Q(('gold_of', None)), fields=('queue', 'message'), name='answer_once_per_queue'),
        ),
        migrations.AddField(
            model_name='knownverdict',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author'),
        ),
        migrations.AddField(
            model_name='knownverdict',
            name='item',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='known', to='vision_chat.reviewitem', verbose_name='gold item'),
        ),
        migrations.RunPython(add_settings, migrations.RunPython.noop),
    ]
