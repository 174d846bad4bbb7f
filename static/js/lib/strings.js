// The sentences of scripts, in the language of the page: templates/_texts.html has them.

/** The sentence of this key; `{name}` takes the value of that name. A page without it shows the key. */
export function text(key, values = {}) {
  const found = document.querySelector("#texts")?.content.querySelector(`[data-text="${key}"]`);
  return (found?.textContent.trim() ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
