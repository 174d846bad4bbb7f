"""Reviews by administrators: queries over everybody's conversations, and their export.

- `queries.with_figures(conversations)`: adds counts, cost and verdict, see `queries.ConversationFigures`
- `queries.matching(conversations, words)`: keeps those that contain all words
- `queries.has_images`, `has_errors`, `used_model`: conditions for filters
- `queries.next_to_review(after)`: the next conversation without a review
- `queries.count_contents(ids)`: messages and images of these conversations
- `exports.stream(ids)`, `exports.lines(ids)`: conversations as JSON Lines, in batches or at once
"""
