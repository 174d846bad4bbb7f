"""Rows as HTML and sentences for people, the same for page, socket and admin.

- `messages.MessageView.of`, `of_row`: a message for the template `_message.html`
- `messages.message_created(conversation_id, view)`: the event that adds a message to a page
- `messages.revision_of(length, generation)`: the revision of a page that shows the whole message
- `conversation_markdown.conversation_markdown(...)`: a conversation as Markdown, copied and exported
- `inclusion.turn_previewed(...)`: the event that says which images would be sent, with sentences
- `next_model.next_model(...)`: what the top bar shows of the model that the next message goes to
- `language_models.model_groups(...)`: the models that a person may choose, with what each can do
- `about.facts_about(generation)`: model, figures and request of an answer
- `parts.part_heading`: what stands above the answer about a part of a picture
- `footer.footer_html(generation, answer)`: notes, actions and facts under a settled reply
- `places.items_html(places, sight, first)`: the items of a list of places in pictures
- `sidebar.sidebar_for(user, before, open_id=...)`: a page of the list of conversations
- `sidebar.conversation_updated(conversation)`: the event that updates an item of the list
- `settings.groups_of(parameters, endpoint)`: the fields of the parameters, for the dialog of the settings
- `sentences.sentence(error, params)`: an error as a translated sentence
- `sentences.error_json(error)`: an error as the JSON of HTTP responses
- `words.words_html(text)`: a person's words, with links
"""
