// What the form of an item says: {verdict, answers: {key: {value, reasons}}, note}.

const ANSWER = "answer-";
const REASONS = "reasons-"; // and "[]" at the end: there may be several

/** The key by which this browser keeps the draft of an item. */
export function draftKey(person, item) {
  return `item-draft:${person}:${item}`;
}

export function draftOf(form) {
  const fields = new FormData(form);
  const answers = {};
  const answer = (name, prefix) => {
    const key = keyIn(name, prefix);
    answers[key] ??= { value: "", reasons: [] };
    return answers[key];
  };
  for (const [name, value] of fields) {
    if (name.startsWith(ANSWER) && value) answer(name, ANSWER).value = value;
    else if (name.startsWith(REASONS)) answer(name, REASONS).reasons.push(value);
  }
  return { verdict: fields.get("verdict") ?? "", answers, note: fields.get("note") ?? "" };
}

export function fillForm(form, { verdict = "", answers = {}, note = "" }) {
  for (const field of form.elements) {
    const { name, type } = field;
    if (name === "verdict") field.checked = field.value === verdict;
    else if (name === "note") field.value = note;
    else if (name.startsWith(ANSWER)) fill(field, answers[keyIn(name, ANSWER)]?.value);
    else if (name.startsWith(REASONS) && type === "checkbox")
      field.checked = answers[keyIn(name, REASONS)]?.reasons?.includes(field.value) ?? false;
  }
}

function keyIn(name, prefix) {
  return name.slice(prefix.length).replace(/\[\]$/, "");
}

function fill(field, value = "") {
  if (field.type === "radio") field.checked = field.value === String(value);
  else field.value = value;
}

/** Whether two drafts say the same. */
export function isSameDraft(one, other) {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder({ verdict = "", answers = {}, note = "" }) {
  const sorted = Object.keys(answers).sort();
  return [
    verdict,
    note.replaceAll("\r\n", "\n"),
    sorted.map((key) => [key, String(answers[key].value ?? ""), [...(answers[key].reasons ?? [])].sort()]),
  ];
}
