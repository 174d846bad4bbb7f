"""Storage of uploaded images and of their copies for models: rows together with files.

- `storage.store(user, name, processed)`: save an upload
- `storage.delete_unused(images)`: delete those that no message shows
- `storage.delete_owned(user)`: delete all of a person, in batches
- `storage.sweep_unsent()`: delete those that were never sent
- `storage.delete_later(files)`: delete files whose rows go now
- `storage.left_over()`: those that are not deleted yet
- `holds.hold()`: keep files while a backup reads them
- `edits.edit_image(image, edit, ...)`: an edited image, made from another one
- `forgetting.forget_unredacted(images)`: delete what redacted images were made from
- `intake.Intake`: the way of one picture into the store, from wherever it comes
- `looks.look_of(owner_id, hashed)`: which images of a person look alike
- `eviction.touch(copies)`, `evict_unused()`, `evict_surplus(...)`: copies that are used stay, others go
- `gate.UploadGate`: the limits of what one person uploads
- `copies.copies_for(plans, images, writer, worker)`: the copies for a model, made where they are not cached

Images are decoded and resized by `services.images`, which knows neither rows nor stored files.
"""
