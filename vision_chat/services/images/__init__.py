"""A picture somebody sent -> validated, upright, without metadata, in the sizes that are needed.

    file ── decoding ── colour ──┬── original     full size, for zooming in
                                 ├── thumbnail    for the thread
                                 └── copy         for one model, by its recipe; also later, from the original

`processing.process` makes all three of an upload, `copies.make_copy` another copy of a stored original. Both
block and need memory: a server calls them through `ImageWorker`. No Django here, and Pillow nowhere else.
"""
