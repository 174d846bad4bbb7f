"""Data about families of models and servers, and their arithmetic: what models see of an image.

In go the name of a model, the address of its server and the size of an image; out come what one request may
hold, estimates of tokens, and a recipe for the copy that is sent. Pure: no image is opened here, no Django.

    family.family_of(model_name)                  how this kind of model sees; `generic` for unknown names
    server.server_of(base_url)                    limits of the server at this address
    request_rules.request_rules(url, name, site)  the smallest of family, server and site
    recipes.recipe_for(rules, width, height)      how the copy of an image of this size is made
    Recipe.name, to_original, to_copy             its cache key; places in the copy and in its originals
    bundles.bundles_of(images, rules)             the copies that a message's images need, in bundles
    regions, canvas                               an overview with regions; several images as one
    fine_print, tile_grid                         an overview with tiles, and where those are cut
    cells                                         where a model cuts a copy
    estimates.estimate(copies, rules)             pixels, bytes and billed tokens of copies
    RequestRules.image_tokens, billed_tokens      what a copy takes of the context, and of the bill
    selection.reasons_to_leave_out(...)           which bundles of a branch go with one request

The data are in `data/families.toml` and `data/servers.toml`; `rules/` holds one class a kind of resizing.
docs/adding-a-model-family.md tells how to add to them.
"""
