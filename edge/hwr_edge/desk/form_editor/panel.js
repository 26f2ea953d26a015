"use strict";
// The field that is chosen: its name, kind and list; and the list of all fields, with what each reads.

function showPanel() {
  const field = fields()[at];
  $("panel").hidden = !field;
  if (!field) return;
  for (const key of ["name", "kind", "column"]) if ($(key).value !== field[key]) $(key).value = field[key];
  const lists = [...new Set(["", ...template.lists, field.roster])];
  $("roster").replaceChildren(...lists.map((name) => {
    const option = document.createElement("option");
    option.value = name;
    option.textContent = name || t("roster.none");
    return option;
  }));
  $("roster").value = field.roster;
  $("roster").disabled = field.kind !== "name";
  $("column").disabled = field.kind !== "name" || !field.roster;
  $("up").disabled = at === 0;
  $("down").disabled = at === fields().length - 1;
}

function showList() {
  $("list").replaceChildren(...fields().map((field, k) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const name = document.createElement("bdi");
    name.textContent = field.name || t("unnamed");
    button.type = "button";
    button.ariaCurrent = String(k === at);
    button.append(name);
    const read = readings[field.name];
    if (read) {
      const said = document.createElement("small");
      const text = read.match ?? (read.text || t("nothing"));
      said.textContent = t("read", { text, percent: Math.round(100 * read.confidence) });
      button.append(said);
    }
    button.addEventListener("click", () => {
      choose(k);
      $("stage").querySelector(`[data-at="${k}"]`).scrollIntoView({ block: "nearest" });
      $("list").children[k].firstChild.focus();
    });
    item.append(button);
    return item;
  }));
}

for (const key of ["name", "kind", "roster", "column"]) {
  $(key).addEventListener($(key).tagName === "SELECT" ? "change" : "input", () => {
    drawn.step(`${key} ${at}`);
    const field = fields()[at];
    field[key] = $(key).value;
    if (field.kind !== "name") field.roster = "";
    if (!field.roster) field.column = "";
    changed();
  });
}

function reorder(step) {
  const list = fields();
  if (!list[at + step]) return;
  drawn.step("order");
  [list[at], list[at + step]] = [list[at + step], list[at]];
  at += step;
  changed();
}

$("up").addEventListener("click", () => reorder(-1));
$("down").addEventListener("click", () => reorder(1));
$("delete").addEventListener("click", () => removeField());
$("panel").addEventListener("submit", (event) => event.preventDefault());
