// Values as they are typed into text fields.

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const FLAGS = { true: true, false: false };

/**
 * The value of a kind of field (vision_chat/services/completions/parameter_fields.py) in these texts. What is none is
 * returned as it is, for the server to tell what is wrong with it; undefined is no JSON. Null: nothing is typed.
 */
export function typed(kind, [first, ...others]) {
  if (kind === "texts") return list([first, ...others]);
  if (kind === "json") return parsed(first);
  if (kind === "word_or_json") return parsed(first) ?? first.trim();
  if (kind === "flag") return FLAGS[first.trim().toLowerCase()] ?? first;
  const text = first.trim().replace(/^([-+]?\d*),(\d+)$/, "$1.$2"); // as some languages write it
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return isExact(number) ? number : first;
}

/** Whether JSON has this number as it was typed. */
function isExact(number) {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

function list(texts) {
  const some = texts.filter((text) => text !== "");
  return some.length ? some : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
