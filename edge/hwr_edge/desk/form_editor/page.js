"use strict";
// A template's fields over its empty form. Nothing is in the file before it is saved; the server says what is
// wrong with what is drawn, and refuses to overwrite a file that changed meanwhile.

const PATIENCE = 300; // milliseconds after a change, until the server is asked about it
let template = {}; // as it was loaded
let sizes = []; // of each page's image, pixels
let page = 0;
let at = -1; // the field that is chosen
let readings = {}; // of the filled form, by the fields' names
let tried = false;
let waiting = 0;
let checks = 0;
let saving = false;
let last = ["", {}];

const fields = () => drawn.pages[page];

function say(key, values = {}) {
  last = [key, values];
  $("said").textContent = key && t(key, values);
}

function show() {
  showBoxes();
  showPanel();
  showList();
  $("undo").disabled = !drawn.before.length;
  $("redo").disabled = !drawn.after.length;
}

function choose(place) {
  at = place;
  show();
}

// After every change.
function changed() {
  show();
  say("");
  clearTimeout(waiting);
  waiting = setTimeout(check, PATIENCE);
}

async function post(path, what, type = "application/json") {
  const body = type === "application/json" ? JSON.stringify(what) : what;
  const reply = await fetch(path, { method: "POST", headers: { "Content-Type": type }, body });
  if (!reply.ok) throw new Error((await reply.text()).trim());
  return reply.json();
}

async function check() {
  const mine = ++checks;
  try {
    const { problem } = await post("check", { pages: drawn.pages });
    if (mine !== checks) return;
    $("problem").textContent = problem;
    if (!problem && tried) await tryIt();
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  $("problem").textContent = error instanceof TypeError ? t("gone") : error.message;
}

async function save() {
  if (saving) return;
  saving = true;
  clearTimeout(waiting);
  checks += 1;
  try {
    await post("save", { pages: drawn.pages, version: template.version });
    $("problem").textContent = "";
    await load(); // what the file says now
    say("saved", { file: template.file });
  } catch (error) {
    failed(error);
  } finally {
    saving = false;
  }
}

async function tryIt() {
  say("trying");
  try {
    const found = await post("try", { pages: drawn.pages });
    readings = found.fields;
    $("problem").textContent = found.notes.join(" ");
    say("tried");
  } catch (error) {
    readings = {};
    say("");
    failed(error);
  }
  showList();
}

function addField(box) {
  const names = new Set(drawn.pages.flat().map((field) => field.name));
  let number = fields().length + 1;
  while (names.has(`field${number}`)) number += 1;
  drawn.step(`add ${Date.now()}`);
  fields().push({ name: `field${number}`, box, kind: "name", roster: "", column: "", origin: null });
  at = fields().length - 1;
  changed();
}

// By keys alone: below the chosen field, as large as that.
function addNear() {
  const [width, height] = sizes[page];
  const near = fields()[at]?.box;
  const box = near ? [near[0], near[1] + near[3] + LEAST, near[2], near[3]] : [width / 4, height / 4, width / 3, height / 40];
  addField(inside(box));
  $("stage").querySelector(`[data-at="${at}"]`).focus();
}

function removeField() {
  if (!fields()[at]) return;
  const focused = document.activeElement.classList.contains("field");
  drawn.step(`delete ${Date.now()}`);
  fields().splice(at, 1);
  at = Math.min(at, fields().length - 1);
  changed();
  if (focused && at >= 0) $("stage").querySelector(`[data-at="${at}"]`).focus();
}

function turnBack(what) {
  if (!drawn[what]()) return;
  at = Math.min(at, fields().length - 1);
  changed();
}

function openPage(number) {
  page = number;
  at = -1;
  $("number").value = String(page);
  $("form").src = `image/${page}.jpg`;
  $("stage").style.aspectRatio = sizes[page].join(" / ");
  show();
}

function showPages() {
  $("number").hidden = sizes.length < 2;
  $("number").replaceChildren(...sizes.map((_, k) => {
    const option = document.createElement("option");
    option.value = String(k);
    option.textContent = t("page", { number: k + 1, count: sizes.length });
    return option;
  }));
  $("number").value = String(page);
}

async function load() {
  const reply = await fetch("template");
  if (!reply.ok) throw new Error((await reply.text()).trim());
  template = await reply.json();
  sizes = template.pages.map((one) => one.size);
  drawn.begin(template.pages.map((one) => one.fields));
  $("file").textContent = template.file;
  $("desk").hidden = !location.pathname.startsWith("/forms/"); // inside the desk, or alone
  $("desk").href = "/";
  page = Math.min(page, sizes.length - 1);
  at = Math.min(at, fields().length - 1);
  showPages();
  show();
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  const typing = event.target.closest("input, select");
  if (command && key === "s") save();
  else if (command && key === "z" && !typing) turnBack(event.shiftKey ? "redo" : "undo");
  else if (command && key === "y" && !typing) turnBack("redo");
  else if (key === "n" && !command && !event.altKey && !typing) addNear();
  else return;
  event.preventDefault();
});
addEventListener("beforeunload", (event) => {
  if (drawn.dirty) event.preventDefault();
});
$("save").addEventListener("click", save);
$("add").addEventListener("click", addNear);
$("undo").addEventListener("click", () => turnBack("undo"));
$("redo").addEventListener("click", () => turnBack("redo"));
$("number").addEventListener("change", () => openPage(Number($("number").value)));
$("filled").addEventListener("change", async () => {
  const [file] = $("filled").files;
  if (!file) return;
  say("trying");
  try {
    await post("filled", file, "application/octet-stream");
    tried = true;
    await tryIt();
  } catch (error) {
    say("");
    failed(error);
  }
});

(async () => {
  try {
    await loadTexts(() => { say(...last); showPages(); show(); });
    await load();
    document.title = template.file;
    history.replaceState(null, "", location.pathname); // the token need not stay in sight
    openPage(0);
    await check();
  } catch (error) {
    failed(error);
  }
})();
