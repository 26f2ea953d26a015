"use strict";
// One row is shown at a time. Every answer goes to the server at once, with the version of the row
// that was seen; what others answered comes in every two seconds. Rows are fetched in parts: `rows`
// has the queue's order, and holes until all are there.

const AT_ONCE = 500;
const MOST_MISSING = 200; // names that are shown
// Else a touch would bring one up. Who has nothing to point with has one.
const hasKeyboard = matchMedia("(hover: hover) and (pointer: fine), (pointer: none)").matches;
let rows = [];
let byPlace = new Map();
let queue = {}; // what the server said of it first
let whole = Promise.resolve(); // until all rows are there
let complete = false;
let at = 0;
let events = 0;
let trail = []; // what was answered here, for undo: the row, its version then and before, and its answer before
let saving = false; // while it is, keys wait: none may answer a row that is not seen
let lost = false; // whether the last question went unanswered
let last = ["", {}, false]; // what was said

function say(key, values = {}, bad = false) {
  last = [key, values, bad];
  $("said").textContent = key && t(key, values);
  $("said").classList.toggle("bad", bad);
}

function show() {
  const row = rows[at];
  names.close();
  $("picture").src = `picture/${row.place}`;
  $("answer").value = row.given ? row.answer ?? "" : row.proposed;
  $("choices").replaceChildren(...row.choices.slice(0, 9).map(choice));
  $("back").disabled = at === 0;
  $("on").disabled = at === rows.length - 1;
  describe();
  view.show(row);
  if (hasKeyboard && document.activeElement !== $("view")) {
    $("answer").focus();
    $("answer").select();
  }
  if (rows[at + 1]) new Image().src = `picture/${rows[at + 1].place}`;
}

function choice(text, k) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const key = document.createElement("kbd");
  const name = document.createElement("bdi");
  key.textContent = k + 1;
  name.textContent = text === "" ? t("nothing") : text;
  button.type = "button";
  button.append(key, name);
  button.addEventListener("click", () => answer(text));
  item.append(button);
  return item;
}

// The words around a row, which change with the language.
function describe() {
  const row = rows[at];
  $("answer").placeholder = t(row.given && row.answer === null ? "unreadable.is" : "nothing.is");
  $("reasons").textContent = row.reasons.map((reason) => t(`reason.${reason}`)).join(" ");
  const doubted = row.letters.filter(([, doubtful]) => doubtful).map(([letters]) => letters);
  $("letters").hidden = doubted.length === 0;
  $("runs").replaceChildren(...row.letters.map(([letters, doubtful]) => {
    const run = document.createElement(doubtful ? "mark" : "span");
    run.textContent = letters;
    return run;
  }));
  $("runs-said").textContent = doubted.length ? t("letters", { letters: doubted.join(", ") }) : "";
  count();
}

function count() {
  const row = rows[at];
  const percent = Math.round(100 * row.confidence);
  $("image").textContent = row.image;
  $("state").textContent = row.given ? t("answered") : t("sure", { percent });
  const doubtful = rows.filter((one) => one.doubtful);
  const done = complete ? doubtful.filter((one) => one.given).length : queue.done;
  $("count").textContent = t("count", { at: at + 1, total: rows.length, done, doubtful: queue.doubtful });
  $("done").max = Math.max(1, queue.doubtful);
  $("done").value = done;
  $("undo").disabled = trail.length === 0;
  if (!$("missing").hidden) showMissing();
}

async function move(step) {
  const next = Math.min(rows.length - 1, Math.max(0, at + step));
  if (!rows[next]) await whole;
  at = next;
  say("");
  show();
}

async function onward() {
  const isOpen = (row) => row && !row.given && row.doubtful;
  let next = rows.findIndex((row, k) => k > at && isOpen(row));
  if (next < 0) {
    await whole;
    next = rows.findIndex((row, k) => k > at && isOpen(row));
    if (next < 0) next = rows.findIndex(isOpen);
  }
  if (next < 0) finished();
  at = next >= 0 ? next : Math.min(rows.length - 1, at + 1);
  show();
}

function finished() {
  say("finished");
  if (queue.list) openMissing(true);
}

function openMissing(open) {
  $("missing").hidden = !open;
  $("who").ariaExpanded = String(open);
  if (open) showMissing();
}

async function showMissing() {
  const reply = await fetch("missing").catch(() => null); // the page says soon that nobody answers
  if (!reply || !reply.ok) return;
  const { names: missing } = await reply.json();
  const more = missing.length - MOST_MISSING;
  const shownNames = missing.slice(0, MOST_MISSING);
  if (more > 0) shownNames.push(t("missing.more", { count: more }));
  $("missing-count").textContent = missing.length ? t("missing.count", { count: missing.length }) : t("missing.none");
  $("missing-names").replaceChildren(...shownNames.map((name) => {
    const item = document.createElement("li");
    item.dir = "auto";
    item.textContent = name;
    return item;
  }));
}

function untouched() {
  const row = rows[at];
  return $("answer").value === (row.given ? row.answer ?? "" : row.proposed);
}

async function send(row, what, version = row.version) {
  const reply = await fetch(`rows/${row.place}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ version, ...what }),
  });
  if (reply.status !== 200 && reply.status !== 409) throw new Error(await reply.text());
  Object.assign(row, await reply.json());
  return reply.status === 200;
}

async function answer(text) {
  const row = rows[at];
  await alone(async () => {
    try {
      const was = row.version;
      const before = row.given ? { answer: row.answer } : { taken_back: true };
      if (await send(row, { answer: text })) {
        trail.push({ row, version: row.version, was, before });
        say("saved", { name: shown(row) });
        await onward();
      } else {
        say("conflict.save", { name: shown(row) }, true);
        show();
        if (text !== null) $("answer").value = text; // what would be saved again
      }
    } catch (error) {
      say("unsaved", { why: error.message }, true);
    }
  });
}

async function undo() {
  await alone(async () => {
    const step = trail.pop();
    if (!step) return;
    const { row, version, was, before } = step;
    try {
      const done = await send(row, before, version);
      // What stands there now is what was answered here before that.
      if (done) for (const one of trail) if (one.row === row && one.version === was) one.version = row.version;
      at = rows.indexOf(row);
      show();
      if (done) say("undone");
      else say("conflict", { name: shown(row) }, true);
    } catch (error) {
      trail.push(step);
      say("not.undone", { why: error.message }, true);
    }
  });
}

async function alone(what) {
  if (saving || !rows.length) return;
  saving = true;
  try {
    await what();
  } finally {
    saving = false;
  }
}

function shown(row) {
  if (!row.given) return t("open");
  return row.answer === null ? t("unreadable.is") : row.answer || t("nothing.is");
}

async function follow() {
  try {
    const reply = await fetch(`events?after=${events}`);
    if (!reply.ok) throw new Error(await reply.text());
    const news = await reply.json();
    events = news.events;
    if (lost) say("back.again");
    lost = false;
    for (const said of news.rows) {
      const row = byPlace.get(said.place);
      if (said.version <= row.version) continue;
      const inSight = row === rows[at];
      const typed = inSight && !untouched();
      Object.assign(row, said);
      if (!inSight) continue;
      if (!typed) show();
      say("conflict", { name: shown(row) }, true);
    }
    if (news.rows.length) count();
    if (news.trouble) say("trouble", { why: news.trouble }, true);
  } catch {
    lost = true;
    say("gone", {}, true);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !rows.length) return; // an accent or a sign in the making
  if (event.key === "F2") togglePage();
  else if (event.target.closest("#view")) {
    if (event.key !== "Escape") return; // its keys are its own
    view.toggle(rows[at]);
    $("answer").focus();
  }
  else if (event.target.closest("select, #missing") || !(names.key(event) || meant(event))) return;
  event.preventDefault();
});

// Whether a key was meant for the row.
function meant(event) {
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.repeat && /^([1-9]|Enter|Escape)$/.test(event.key)) return true; // a key held down answers once
  if (/^[1-9]$/.test(event.key) && plain && untouched()) {
    const pick = rows[at].choices[Number(event.key) - 1];
    if (pick !== undefined) answer(pick);
  } else if (event.key === "Escape") answer(null);
  else if (/^Arrow(Up|Down)$/.test(event.key)) {
    if (untouched()) move(event.key === "ArrowUp" ? -1 : 1);
    else say("typed", {}, true);
  } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
    if (untouched()) undo();
    else show(); // what was typed is left first
  } else return false;
  return true;
}

function togglePage() {
  const closing = view.open;
  view.toggle(rows[at]);
  if (closing && hasKeyboard) $("answer").focus();
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const row = rows[at];
  answer(untouched() && row.given ? row.answer : $("answer").value);
});
$("answer").addEventListener("input", () => {
  if (queue.list) names.ask(rows[at].place, $("answer").value);
});
$("answer").addEventListener("blur", () => names.close());
$("unreadable").addEventListener("click", () => answer(null));
$("back").addEventListener("click", () => move(-1));
$("on").addEventListener("click", () => move(1));
$("undo").addEventListener("click", undo);
$("page").addEventListener("click", togglePage);
$("who").addEventListener("click", () => openMissing($("missing").hidden));
$("picture").addEventListener("error", () => say("picture.gone", {}, true));

function take(part) {
  part.rows.forEach((row, k) => {
    if (byPlace.has(row.place)) return;
    rows[part.from + k] = row;
    byPlace.set(row.place, row);
  });
}

async function loadRest() {
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    take(await (await fetch(`rows?from=${from}&count=${AT_ONCE}`)).json());
  }
  complete = true;
  count();
  setInterval(follow, 2000);
}

(async () => {
  const first = fetch("rows");
  await loadTexts(() => { say(...last); show(); });
  queue = await (await first).json();
  ({ at, events } = queue);
  rows = new Array(queue.total);
  take(queue);
  $("file").textContent = queue.file;
  const [, place, batch] = location.pathname.split("/"); // inside the desk, or alone
  $("desk").hidden = place !== "batches";
  $("desk").href = `/#${batch}`;
  $("who").hidden = !queue.list;
  history.replaceState(null, "", location.pathname); // the token need not stay in sight
  show();
  if (!rows[at].doubtful || rows[at].given) finished();
  whole = loadRest();
})();
