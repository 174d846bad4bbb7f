"""Uploaded images and the copies that models get: rows and their files, together.

`storage.store` keeps what was uploaded, `storage.delete_unused` and `storage.sweep_unsent` give it up again;
`copies.copies_for` returns what a model sees of some images, made from their originals where it is not
kept yet. Decoding and resizing is done by `services.images`, which knows neither rows nor files.
"""
