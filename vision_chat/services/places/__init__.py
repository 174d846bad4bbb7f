"""Places that a model points at: boxes and points in the text of an answer, mapped back to its pictures.

In go the text of an answer, also one that still grows, how the model's family names places
(`vision.family.Places`), and the record of what was sent; out come places in the upright originals. Pure.

- `growing.GrowingPlaces(spec)`: a text that grows; `found` has each place as soon as it is complete
- `growing.find_places(text, spec)`: all places of a text that is complete
- `frames.fractions_of(place, frame, copy)`: a place in fractions of the copy that the model saw
- `frames.possible_frames(places)`: what the numbers may be parts of, where nobody knows
- `copies.copies_of(record)`: what was sent, with the originals that each copy shows
- `mapping.sight_of(record, family)`: what a model saw; its `draw` returns a place in the original
- `exports`: COCO JSON, YOLO, CSV

    growing ──┬── _values     JSON, as models write it
              │   └── _objects    which of its objects are places
              ├── _marks      special tokens and tags of model families
              ├── _waiting    what an unfinished token waits for
              └── _words      the label before or after a place
    mapping ──┬── frames
              └── copies
    exports

Everything here is bounded: at most MAX_PLACES places of the first MAX_CHARACTERS characters, in one pass.
"""
