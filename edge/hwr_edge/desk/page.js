"use strict";
// One page: all batches, or with #ID one of them. What is read comes in by the API, which programs use as well.

const $ = (id) => document.getElementById(id);
const AT_ONCE = 500; // rows that the table gets at a time
let shown = null; // the batch in sight: its id, and how far its rows are shown
let timer = 0;
let formIds = {}; // of the forms by their names, which no address says

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", bad);
}

async function ask(path, how = {}) {
  const reply = await fetch(`/api/${path}`, how);
  const found = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new Error(found.error ? found.error.message : `the desk answers ${reply.status}`);
  return found;
}

const post = (path, what) => ask(path, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(what),
});

function sendFiles(path, files) {
  const body = new FormData();
  for (const file of files) body.append("file", file);
  return ask(path, { method: "POST", body });
}

async function trying(what) {
  try {
    await what();
  } catch (error) {
    say(error instanceof TypeError ? "The desk does not answer. Is it still running?" : error.message, true);
  }
}

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

function how(batch) {
  const pages = `${batch.read} of ${count(batch.pages, "page")} read`;
  const names = count(batch.rows, batch.options.form ? "field" : "name");
  return {
    empty: "no scans yet",
    waiting: `waiting, ${pages}`,
    reading: `reading: ${pages}, ${names}`,
    done: `${count(batch.pages, "page")}, ${names}`,
    cancelled: `stopped: ${pages}, ${names}`,
    failed: `failed: ${batch.problem}`,
  }[batch.state];
}

// All batches.

function choices(select, names, none) {
  const before = select.value;
  select.replaceChildren(new Option(none, ""), ...names.map((name) => new Option(name)));
  select.value = names.includes(before) ? before : "";
}

async function showChoices() {
  choices($("list"), (await ask("lists")).lists, "no list");
  const reply = await fetch("/forms/ids");
  if (!reply.ok) throw new Error(`the desk answers ${reply.status}`);
  formIds = (await reply.json()).ids;
  choices($("form"), Object.keys(formIds), "no form: lines and pages");
}

async function showHome() {
  const { batches } = await ask("batches");
  if (shown) return;
  $("none").hidden = batches.length > 0;
  $("batches").replaceChildren(...batches.map((batch) => {
    const item = element("li", "", batch.state);
    const link = element("a");
    link.href = `#${batch.id}`;
    link.append(element("span", batch.title, "what"), element("span", how(batch), "how"));
    item.append(link);
    return item;
  }));
}

async function start(files) {
  if (!files.length) return;
  const options = { title: $("title").value };
  if ($("list").value) options.list = $("list").value;
  if ($("form").value) options.form = $("form").value;
  const batch = await post("batches", options);
  $("title").value = "";
  location.hash = batch.id;
  await send(batch.id, files);
}

// One file after the other: the first is read while the others come.
async function send(id, files) {
  let number = 0;
  for (const file of files) {
    number += 1;
    say(`Sending ${number} of ${files.length}: ${file.name}`);
    await sendFiles(`batches/${id}/scans`, [file]);
    if (number === 1) follow(); // the batch is being read from now on
  }
  say(`${count(files.length, "file")} added.`);
}

// One batch.

function showState(batch) {
  const busy = batch.state === "reading" || batch.state === "waiting";
  document.title = `${batch.title} - Desk`;
  $("batch-title").textContent = batch.title;
  $("state").textContent = how(batch);
  $("state").className = batch.state === "failed" ? "bad" : "";
  $("progress").hidden = !busy;
  $("progress").max = Math.max(1, batch.pages);
  $("progress").value = batch.read;
  $("cancel").hidden = !busy;
  $("continue").hidden = batch.state !== "failed" && batch.state !== "cancelled";
  $("review").hidden = busy || !batch.rows;
  $("review").href = `/batches/${batch.id}/review/`;
  for (const kind of ["csv", "xlsx"]) {
    $(kind).hidden = !batch.rows;
    $(kind).href = `/api/batches/${batch.id}/table?format=${kind}`;
  }
  const told = [...batch.problems, ...batch.notes];
  $("problems").hidden = !told.length;
  $("problems").firstElementChild.textContent = count(told.length, "remark");
  $("problems").lastElementChild.replaceChildren(...told.map((line) => element("li", line)));
  return busy;
}

const percent = (row) => `${Math.round(100 * (row.match == null ? row.confidence : row.match_confidence))} %`;

function showRow(row, form) {
  const made = element("tr");
  const place = row.image.replace(/^scans\//, "") + (row.page ? `, page ${row.page}` : "");
  made.append(element("td", place, "place"));
  if (form) made.append(element("td", row.field ?? ""));
  made.append(element("td", row.name ?? "", "name"), element("td", percent(row)));
  const open = row.checked === "no" && row.review;
  made.append(element("td", open ? "to check" : { yes: "checked", unreadable: "cannot be read" }[row.checked] ?? ""));
  return made;
}

async function showRows(form) {
  const one = shown;
  const next = one.next;
  const found = await ask(`batches/${one.id}/results?after=${next}&first=${one.rows}&count=${AT_ONCE}`);
  if (shown !== one || one.next !== next) return; // another look was faster
  if (!one.rows && found.rows.length) {
    const heads = ["Scan", ...(form ? ["Field"] : []), "Name", "Sure", "State"];
    const line = element("tr");
    line.append(...heads.map((head) => Object.assign(element("th", head), { scope: "col" })));
    document.querySelector("#table thead").replaceChildren(line);
  }
  document.querySelector("#table tbody").append(...found.rows.map((row) => showRow(row, form)));
  one.rows += found.rows.length;
  one.next = found.next;
}

async function showBatch() {
  const one = shown;
  const batch = await ask(`batches/${one.id}`);
  if (shown !== one) return;
  const busy = showState(batch);
  if (one.rows < batch.rows && one.rows < one.wanted) await showRows(Boolean(batch.options.form));
  $("rest").hidden = one.rows >= batch.rows;
  const soon = busy || (one.rows < batch.rows && one.rows < one.wanted);
  clearTimeout(timer); // of another look
  timer = setTimeout(follow, soon ? (one.rows ? 400 : 100) : 3000);
}

function follow() {
  clearTimeout(timer);
  if (shown) {
    trying(showBatch).then(() => 0);
  } else {
    trying(showHome);
    timer = setTimeout(follow, 2000);
  }
}

function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  shown = id ? { id, rows: 0, next: 0, wanted: AT_ONCE } : null;
  document.querySelector("#table thead").replaceChildren();
  document.querySelector("#table tbody").replaceChildren();
  $("home").hidden = Boolean(shown);
  $("batch").hidden = !shown;
  document.title = "Desk";
  if (!shown) trying(showChoices);
  follow();
}

function chosen(id, what) {
  $(id).addEventListener("change", () => {
    const files = [...$(id).files];
    trying(async () => {
      await what(files);
      $(id).value = "";
    });
  });
}

chosen("files", start);
chosen("photo", start);
chosen("more", async (files) => {
  await send(shown.id, files);
  follow();
});
chosen("new-list", async (files) => {
  const { name, names, notes } = await sendFiles("lists", files);
  await showChoices();
  $("list").value = name;
  say([`${name}: ${count(names, "name")}`, ...notes].join("; "));
});
chosen("new-form", async (files) => {
  const { names } = await sendFiles("forms", files);
  await showChoices();
  $("form").value = names.find((name) => name.endsWith(".toml")) ?? "";
  showDrawing();
  say(`Added: ${names.join(", ")}`);
});

chosen("new-empty", async (files) => {
  const body = new FormData();
  for (const file of files) body.append("file", file);
  say("Looking for its fields ...");
  const reply = await fetch("/forms/new", { method: "POST", body });
  if (!reply.ok) throw new Error((await reply.text()).trim());
  const { name } = await reply.json();
  await showChoices();
  $("form").value = name;
  showDrawing();
  say(`Made: ${name}. Draw its fields, then drop filled forms.`);
});

// The editor of the form that is chosen.
function showDrawing() {
  const form = $("form").value;
  $("draw").hidden = !form;
  $("draw").href = `/forms/${formIds[form]}/edit/`;
}
$("form").addEventListener("change", showDrawing);

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) $("drop").classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  $("drop").classList.remove("over");
  const files = [...event.dataTransfer.files];
  trying(() => (shown ? send(shown.id, files).then(follow) : start(files)));
});
$("new").addEventListener("submit", (event) => event.preventDefault());
$("cancel").addEventListener("click", () => trying(() => post(`batches/${shown.id}/cancel`, {}).then(follow)));
$("continue").addEventListener("click", () => trying(() => post(`batches/${shown.id}/continue`, {}).then(follow)));
$("rest").addEventListener("click", () => {
  shown.wanted += AT_ONCE;
  follow();
});
$("delete").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue !== "yes") return;
  trying(async () => {
    await ask(`batches/${shown.id}`, { method: "DELETE" });
    location.hash = "";
    say("The batch is deleted.");
  });
});
addEventListener("hashchange", open);
history.replaceState(null, "", `/${location.hash}`); // the token need not stay in sight
open();
