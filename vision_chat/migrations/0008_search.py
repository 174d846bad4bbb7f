"""The words of messages and titles, and the index over them that each database keeps by itself.

SQLite: FTS5 with the rows as its content, kept by triggers. Altering one of the two tables drops its triggers,
because Django makes such a table anew: such a migration has to make them again.

PostgreSQL: a GIN index over the lexemes that a function makes of the tokens. Looking for all words that begin with
a letter, it would read each of them, so their first one to three signs are lexemes of their own; FTS5 has an index
of these. The tokens are kept out of the rows, because a search reads the keys of many rows and no tokens. What waits
to be put into the index is limited: whoever writes the last of it puts in all, which took 250 ms with 4 MB.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLES = {'vision_chat_messagewords': 'message_id', 'vision_chat_titlewords': 'id'}
"""The tables of words, each with its key."""

FTS5 = [
    """
    CREATE VIRTUAL TABLE {table}_index USING fts5(
      tokens, content='{table}', content_rowid='{key}', prefix='1 2 3', detail=none, columnsize=0,
      tokenize="ascii tokenchars '@#+'"
    )
    """,
    """
    CREATE TRIGGER {table}_inserted AFTER INSERT ON {table} BEGIN
      INSERT INTO {table}_index(rowid, tokens) VALUES (new.{key}, new.tokens);
    END
    """,
    """
    CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN
      INSERT INTO {table}_index({table}_index, rowid, tokens) VALUES ('delete', old.{key}, old.tokens);
    END
    """,
    """
    CREATE TRIGGER {table}_updated AFTER UPDATE ON {table} BEGIN
      INSERT INTO {table}_index({table}_index, rowid, tokens) VALUES ('delete', old.{key}, old.tokens);
      INSERT INTO {table}_index(rowid, tokens) VALUES (new.{key}, new.tokens);
    END
    """,
]
WITHOUT_FTS5 = [
    'DROP TRIGGER {table}_inserted',
    'DROP TRIGGER {table}_deleted',
    'DROP TRIGGER {table}_updated',
    'DROP TABLE {table}_index',
]

LEXEMES = """
CREATE FUNCTION vision_chat_lexemes(tokens text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_to_tsvector(divided.words || array(
    SELECT DISTINCT left(word, signs) || '*'
    FROM unnest(divided.words) AS word, generate_series(1, 3) AS signs
    WHERE char_length(word) > signs AND left(word, 1) NOT IN ('@', '#', '+')
  ))
  FROM (SELECT string_to_array(tokens, ' ') AS words) AS divided
$$
"""
GIN = [
    'ALTER TABLE {table} SET (toast_tuple_target = 128)',
    """
    CREATE INDEX {table}_index ON {table} USING gin (vision_chat_lexemes(tokens)) WITH (gin_pending_list_limit = 512)
    """,
]
WITHOUT_GIN = ['DROP INDEX {table}_index']


def make_index(apps, editor):
    is_postgresql = editor.connection.vendor == 'postgresql'
    if is_postgresql:
        editor.execute(LEXEMES, params=None)
    _execute(editor, GIN if is_postgresql else FTS5)


def drop_index(apps, editor):
    is_postgresql = editor.connection.vendor == 'postgresql'
    _execute(editor, WITHOUT_GIN if is_postgresql else WITHOUT_FTS5)
    if is_postgresql:
        editor.execute('DROP FUNCTION vision_chat_lexemes', params=None)


def _execute(editor, statements):
    for table, key in TABLES.items():
        for statement in statements:
            editor.execute(statement.format(table=table, key=key), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('vision_chat', '0007_waiting'),
    ]

    operations = [
        migrations.CreateModel(
            name='MessageWords',
            fields=[
                ('tokens', models.TextField()),
                ('fold_version', models.PositiveSmallIntegerField()),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='vision_chat.message')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TitleWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tokens', models.TextField()),
                ('fold_version', models.PositiveSmallIntegerField()),
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='vision_chat.conversation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
