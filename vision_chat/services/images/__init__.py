"""A picture somebody sent -> validated, upright, without metadata, in the sizes that are needed.

    file ── decoding ── colour ──┬── original    full size, for zooming in
                                 └── model copy ── thumbnail

No Django here, and Pillow nowhere else. `process` blocks and needs memory: a server calls it through
`PictureWorker`.
"""
