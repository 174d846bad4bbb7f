"""The division of what a model wrote into thoughts and answer, also of a text that grows. No Django.

- `division.divide(text, starts)`: a complete text, in: as it came; out: thoughts and answer as they are shown
- `divider.Divider`: the same for a text that grows, with what is added to either since the last look

    division ── divider ──┬── _line      one line of an answer: tokens, a closing tag alone
                          ├── growing    a text that grows, and may begin afresh
                          └── marks      the tags and tokens of model families, as data

The rules are in docs/decisions/0021-thoughts-and-marks.md.
"""
