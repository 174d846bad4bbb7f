"""HTML and sentences for people, written once for page, socket and admin.

`messages` renders a message and builds the event that creates it, `footer` what stands under a reply,
`sidebar` the list of conversations and the event that updates it, `sentences` an error in words and as JSON.
"""
