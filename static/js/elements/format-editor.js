// The editor of response_format: type, name, strictness and schema in fields of their own, beside the JSON of all.

const NAME = "answer";

export class FormatEditor {
  #section;
  #changed;

  /** `changed(section)` is called when the JSON was written by this editor. */
  constructor(section, changed) {
    this.#section = section;
    this.#changed = changed;
    const editor = section.querySelector("[data-format-editor]");
    editor.addEventListener("input", () => this.#write());
    this.read();
  }

  /** Show what the JSON says. What is no JSON yet leaves the fields as they are. */
  read() {
    const { value } = this.#json;
    let format = {};
    try {
      format = value.trim() ? JSON.parse(value) : {};
    } catch {
      return;
    }
    const type = format?.type ?? "";
    this.#part("type").value = type;
    if (this.#part("type").selectedIndex < 0) this.#part("type").value = "";
    this.#showSchema();
    const schema = format?.json_schema;
    if (type !== "json_schema" || typeof schema !== "object" || schema === null) return;
    this.#part("name").value = schema.name ?? "";
    this.#part("strict").checked = schema.strict === true;
    this.#part("schema-text").value = schema.schema ? pretty(schema.schema) : "";
  }

  get #json() {
    return this.#section.querySelector("[data-value]");
  }

  #part(name) {
    return this.#section.querySelector(`[data-format-${name}]`);
  }

  #showSchema() {
    this.#part("schema").hidden = this.#part("type").value !== "json_schema";
  }

  #write() {
    this.#showSchema();
    this.#json.value = this.#written(this.#part("type").value);
    this.#changed(this.#section);
  }

  #written(type) {
    if (type !== "json_schema") return type && pretty({ type });
    const name = this.#part("name").value.trim() || NAME;
    const strict = this.#part("strict").checked;
    const schema = this.#part("schema-text").value.trim();
    try {
      const parsed = schema ? { schema: JSON.parse(schema) } : {};
      return pretty({ type, json_schema: { name, ...(strict && { strict }), ...parsed } });
    } catch {
      // shown and told as what it is: JSON that is not complete
      return `{"type": "json_schema", "json_schema": {"name": ${JSON.stringify(name)}, "schema": ${schema}}}`;
    }
  }
}

function pretty(value) {
  return JSON.stringify(value, null, 2);
}
