// The form of a rubric: its rows, and beside it what reviewers will see.

import "./elements/inline-rows.js";
import "./elements/rubric-preview.js";
