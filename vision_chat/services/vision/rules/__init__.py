"""How image processors resize and cut an image: one class a kind of rule, its parameters as data.

A rule is called with the size of an image in pixels and returns a `Seen`: the size that the model sees, the
number of tiles, and the tokens that the image takes of the context. Pure integer results, no image needed.

    base      Seen, PixelRule
    resized   rules that resize the whole image
    tiled     rules that cut the image into equal tiles
    cropped   rules that cut it into slices or overlapping crops
    hosted    rules of models which only their makers serve
    kinds     AnyRule, the union by which the data are validated
"""
