"""Search over conversations, alike on SQLite and PostgreSQL.

- `index.index_messages`, `index_title`: called where a message is sent, a reply ends, a title changes
- `index.index_image`: called where an image is stored or described
- `find.find(user, query, filters)`: what a person's own conversations say, as hits with snippets
- `matching.every(table, query)`: the keys of all rows that match, for administrators
- `described.described(user, sought)`: a person's images by their names and alternative texts
- `forgetting.begin`, `go_on`: words of deleted rows go out of the index
- `rebuild.repair_messages`, `repair_titles`, `repair_images`: write what is missing or differs;
  `differing_messages`, `differing_titles`, `differing_images` only find it

    find | forgetting | rebuild
    index | described                rows of words
    matching ── _fts5 | _tsvector    the statements of each database
    query                            what is looked for, and in which table
    marks                            tokens that the fold never makes: owner, images, age
    snippets | said                  the place of words in a text; the text of a message as people see it
    fold                             text becomes tokens; no Django

Why so: docs/decisions/0028-search.md.
"""
