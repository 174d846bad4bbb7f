"""The row with the end of the audit log, and the triggers that keep its entries.

Altering the table of entries or names drops its triggers with SQLite, where Django makes it anew: such a migration
has to call `restore` again. A system check says where they are missing.
"""

from django.db import migrations

from vision_chat.services.audit import triggers


def make_head(apps, editor):
    apps.get_model('vision_chat', 'AuditHead').objects.get_or_create(pk=1)


def make_triggers(apps, editor):
    triggers.restore(editor.connection)


def drop_triggers(apps, editor):
    triggers.remove(editor.connection)


class Migration(migrations.Migration):
    dependencies = [('vision_chat', '0024_reviews_of_rubrics')]
    operations = [
        migrations.RunPython(make_head, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, drop_triggers),
    ]
