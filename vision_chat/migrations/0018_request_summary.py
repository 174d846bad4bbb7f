from django.db import migrations, models

BATCH = 100
"""Completions that are read at once: of a long conversation the record of each has some hundred messages."""
OF_IMAGE = ('width', 'height', 'bytes', 'tokens')


def summary_of(record):
    """Return what pages say of a request, as `vision_chat.models.completion.summary_of` did then."""
    messages = [entry for entry in record if isinstance(entry, dict)]
    if not messages:
        return {}
    images = [image for message in messages for image in message.get('images') or ()]
    return {
        'messages': len(messages),
        'has_instructions': messages[0].get('role') == 'system',
        'images': [{name: image[name] for name in OF_IMAGE if name in image} for image in images],
    }


def fill(apps, editor):
    rows = apps.get_model('vision_chat', 'Completion').objects.using(editor.connection.alias)
    rows = rows.only('request').order_by('pk')
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        for row in batch:
            row.request_summary = summary_of(row.request)
        rows.bulk_update([row for row in batch if row.request_summary], ['request_summary'])
        last = batch[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0017_places'),
    ]

    operations = [
        migrations.AddField(
            model_name='completion',
            name='request_summary',
            field=models.JSONField(blank=True, default=dict, help_text='Number of messages, and size of each picture: all that pages say of the request.', verbose_name='summary of the request'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
