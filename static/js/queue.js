// The form of a queue: its rules, each with the help of its kind and the number of what it would find.

import { answer } from "./lib/http.js";
import { register } from "./lib/commands.js";
import "./elements/inline-rows.js";

const rules = document.querySelector("inline-rows");
const form = document.querySelector("#queue_form");
const blank = document.querySelector("[data-count-template]");

function fieldOf(row, name) {
  return row.querySelector(`[name$="-${name}"]`);
}

/** Name the value as its kind does, explain it, and suggest models where it is the name of one. */
function explain(row) {
  const field = fieldOf(row, "value");
  if (!field) return;
  const kind = fieldOf(row, "kind").value;
  const help = document.querySelector(`rule-help [data-kind="${CSS.escape(kind)}"]`);
  const part = field.closest(".row-field");
  if (help) part.querySelector("label").textContent = help.dataset.name;
  let told = part.querySelector(".help");
  if (!told) {
    told = document.createElement("p");
    told.className = "help";
    told.id = `${field.id}_helptext`;
    field.setAttribute("aria-describedby", told.id);
    part.append(told);
  }
  told.textContent = help?.textContent ?? "";
  if (["model", "moderation"].includes(kind)) field.setAttribute("list", "known-models");
  else field.removeAttribute("list");
  field.inputMode = ["share", "cost"].includes(kind) ? "decimal" : "text";
}

function addCount(row) {
  if (row.querySelector("[data-count]") || !fieldOf(row, "kind")) return;
  row.querySelector(".row-fields").append(blank.content.cloneNode(true));
}

function prepare() {
  for (const row of rules?.rows ?? []) {
    addCount(row);
    explain(row);
  }
}

async function count(button) {
  const row = button.closest("[data-row]");
  const body = new FormData();
  for (const name of ["kind", "value", "moderated_percent", "since"])
    body.set(name, fieldOf(row, name).value);
  for (const box of row.querySelectorAll('[name$="-hazard_categories"]:checked'))
    body.append("hazard_categories", box.value);
  if (fieldOf(row, "is_enabled").checked) body.set("is_enabled", "on");
  body.set("unit", form.elements.unit.value);
  body.set("queue", blank.dataset.queue);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const told = row.querySelector("[data-count]");
  told.textContent = "…";
  const response = await answer(blank.dataset.url, { method: "POST", body });
  if (!response?.ok) {
    told.textContent = "";
    throw new Error("the number was not to be had");
  }
  const { text, is_wrong: isWrong } = await response.json();
  told.textContent = text;
  told.classList.toggle("wrong", Boolean(isWrong));
}

/** The share of items with several reviewers matters where there are several. */
function showShare() {
  const several = form.elements.reviewers_per_item;
  const share = document.querySelector(".form-row.field-shared_percent");
  if (several && share) share.hidden = Number(several.value) < 2;
}

register({ id: "rule.count", run: count });
rules?.addEventListener("input", prepare);
rules?.addEventListener("change", prepare);
form.elements.reviewers_per_item?.addEventListener("input", showShare);
customElements.whenDefined("inline-rows").then(prepare);
showShare();
