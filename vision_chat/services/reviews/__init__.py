"""Reviews by administrators: queries over everybody's conversations, and their export.

- `queries.with_figures(conversations)`: joins the figures that are kept of them
- `searching.matching(conversations, words)`: keeps those that contain all words
- `searching.excerpts(conversation_ids, words)`, `searching.best_messages(conversation_ids, words)`: where the
  words are
- `queries.used_model`: a condition for a filter
- `grants.give(reader, conversation, reason)`, `grants.current(...)`: the right to read one for a while
- `consents.ask(...)`, `allow`, `refuse`, `give`, `take_back`: where the site seals conversations
- `positions.position_of(conversation, listed, ordering)`: its number in a list, and its neighbours
- `totals.review_totals()`: how many conversations there are, by verdict
- `queries.latest_owners(limit)`: people by name, for a filter
- `queries.count_contents(conversation_ids)`: messages and images of these conversations
- `feedback.feedback_of`, `feedback.reports_of`: what people said of a conversation and its answers; no review
- `feedback.mark_as_looked_at(report, reviewer)`: closes a report
- `moderation.moderation_of(conversation, blind_id, item)`: what models said of its replies; no review
- `item_access.access_to(person, item_id)`: the right to write at the messages of an item
- `item_access.record_seen(person, image)`: says in the audit log who reads, before a picture is shown
- `annotations.annotate`, `draw`, `erase`: labels, notes and boxes
- `corrections.correct`: an answer as a reviewer would have it
- `word_diff.word_diff(before, after)`: what changes, word by word
- `saving.save_review(review)`: a new review outside queues; earlier ones stay as records
- `exports`: examples for fine-tuning, a table, whole conversations
"""
