"use strict";
// All batches, and what begins a new one.

let drawn = ""; // the batches that are shown: a click must not fall between two lists
let formIds = {}; // of the forms by their names, which no address says

function choices(select, names, none) {
  const before = select.value;
  select.replaceChildren(new Option(none, ""), ...names.map((name) => new Option(name.replace(/\.toml$/, ""), name)));
  select.value = names.includes(before) ? before : "";
}

async function showChoices() {
  choices($("list"), (await ask("/api/lists")).lists, t("list.none"));
  formIds = (await ask("/forms/ids")).ids;
  choices($("form"), Object.keys(formIds), t("form.none"));
  showDrawing();
}

// The editor of the form that is chosen.
function showDrawing() {
  const form = $("form").value;
  $("draw").hidden = !form;
  $("draw").href = `/forms/${formIds[form]}/edit/`;
}

async function showHome() {
  const { batches } = await ask("/api/batches");
  const told = JSON.stringify([language, batches]);
  if (shown || told === drawn) return;
  drawn = told;
  $("none").hidden = batches.length > 0;
  const focused = document.activeElement.closest("#batches a")?.hash;
  $("batches").replaceChildren(...batches.map((batch) => {
    const item = element("li", "", batch.state);
    const link = element("a");
    link.href = `#${batch.id}`;
    link.append(written("span", batch.title, "what"), element("span", how(batch), "how"));
    item.append(link);
    return item;
  }));
  if (focused) $("batches").querySelector(`a[href="${focused}"]`)?.focus();
}

async function start(files) {
  if (!files.length) return;
  const options = { title: $("title").value };
  if ($("list").value) options.list = $("list").value;
  if ($("form").value) options.form = $("form").value;
  const batch = await post("/api/batches", options);
  $("title").value = "";
  location.hash = batch.id;
  await send(batch.id, files);
}

// One file after the other: the first is read while the others come.
async function send(id, files) {
  let number = 0;
  for (const file of files) {
    number += 1;
    say(t("sending", { number, count: files.length, file: file.name }));
    await sendFiles(`/api/batches/${id}/scans`, [file]);
    if (number === 1) follow(); // the batch is being read from now on
  }
  say(counted("added", files.length));
}

async function addList(files) {
  const { name, names, notes } = await sendFiles("/api/lists", files);
  await showChoices();
  $("list").value = name;
  say([t("list.added", { file: name, names: counted("names", names) }), ...notes].join("; "));
}

async function addForm(files) {
  const { names } = await sendFiles("/api/forms", files);
  await showChoices();
  $("form").value = names.find((name) => name.endsWith(".toml")) ?? "";
  showDrawing();
  say(t("form.added", { files: names.join(", ") }));
}

async function makeForm(files) {
  say(t("form.looking"));
  const { name } = await sendFiles("/forms/new", files);
  await showChoices();
  $("form").value = name;
  showDrawing();
  say(t("form.made", { file: name }));
}
