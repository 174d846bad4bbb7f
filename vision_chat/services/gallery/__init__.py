"""A person's own pictures, of all conversations.

- `find.find(user, wanted)`: a page of them, newest first; also of those that these words belong to
- `find.count(user, wanted)`, `ids(user, wanted)`: all of them together, to select them
- `places.places_of(user, image_ids)`: the messages that show pictures
- `alike.alike(user, image)`, `asked_before(user, image)`: pictures that look alike
- `describe.describe(context, image_id, text)`: the alternative text
- `suggest.suggest(context, image_id)`: a model's suggestion for it
- `delete.delete_images(context, image_ids)`: pictures go, the messages that showed them stay

Why so: docs/decisions/0038-my-pictures.md.
"""
