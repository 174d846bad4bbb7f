// The sentences of scripts, in the language of the page: templates/_texts.html has them.

// Letters of scripts that run from right to left, and the marks that turn the direction by themselves: the
// same as in vision_chat/services/direction.py.
const TURNS =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * The sentence of this key; `{name}` takes the value of that name, a number as people write it. A page without it shows
 * the key.
 */
export function text(key, values = {}) {
  const found = document.querySelector("#texts")?.content.querySelector(`[data-text="${key}"]`);
  return (found?.textContent.trim() ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
    isolated(written(values[name] ?? whole)),
  );
}

function written(value) {
  return typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : value;
}

// Whatever direction a value has, the sentence around it keeps its own.
function isolated(value) {
  return TURNS.test(value) ? `\u2068${value}\u2069` : value;
}
