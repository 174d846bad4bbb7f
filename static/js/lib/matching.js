// Whether a label is what somebody is typing. Capitals and accents do not count.

const MARKS = /\p{Mn}/gu;
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;

/** Whether every word of `typed` begins a word of `label`. */
export function beginsWords(typed, label) {
  const words = wordsOf(label);
  return wordsOf(typed).every((typedWord) => words.some((word) => word.startsWith(typedWord)));
}

/** Whether every word of `typed` is somewhere in `label`: not every script has blanks between its words. */
export function isWithin(typed, label) {
  const folded = fold(label);
  return wordsOf(typed).every((word) => folded.includes(word));
}

function wordsOf(words) {
  return fold(words).split(BETWEEN_WORDS).filter(Boolean);
}

function fold(words) {
  return words.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
