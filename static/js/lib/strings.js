// The sentences of scripts, in the language of the page: templates/_texts.html has them.

// Letters of scripts that run from right to left, and the marks that turn the direction by themselves: the
// same as in vision_chat/services/direction.py.
const TURNS =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const { lang } = document.documentElement;

/**
 * The sentence of this key; `{name}` takes the value of that name, and `count` chooses among the forms that it has,
 * of which the general one stands last. A page without it shows the key.
 */
export function text(key, values = {}) {
  const form = new Intl.PluralRules(lang).select(values.count);
  const selector = `[data-text="${key}"]:is([data-form="${form}"], :not([data-form]))`;
  const found = document.querySelector("#texts")?.content.querySelector(selector);
  return (found?.textContent.trim() ?? key).replace(/\{(\w+)\}/g, (whole, name) =>
    written(values[name] ?? whole),
  );
}

/** A number as the language of the page writes it. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(lang, options).format(value);
}

/** Names as a list in the language of the page. */
export function list(names) {
  return new Intl.ListFormat(lang).format(names);
}

function written(value) {
  return typeof value === "number" ? number(value) : isolated(value);
}

// Whatever direction a value has, the sentence around it keeps its own.
function isolated(value) {
  return TURNS.test(value) ? `\u2068${value}\u2069` : value;
}
