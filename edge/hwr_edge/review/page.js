"use strict";
// One row is shown at a time. Every answer goes to the server at once, with the version of the row
// that was seen; what others answered comes in every two seconds.

const $ = (id) => document.getElementById(id);
let rows = [];
let byPlace = new Map();
let at = 0;
let events = 0;
let trail = []; // what was answered here, for undo: the row, its version then and before, and its answer before
let saving = false; // while it is, keys wait: none may answer a row that is not seen
let lost = false; // whether the last question went unanswered

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", bad);
}

function show() {
  const row = rows[at];
  $("picture").src = `/picture/${row.place}`;
  $("answer").value = row.given ? row.answer ?? "" : row.proposed;
  $("answer").placeholder = row.given && row.answer === null ? "cannot be read" : "nothing written";
  $("choices").replaceChildren(...row.choices.slice(0, 9).map((text, k) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const key = document.createElement("kbd");
    key.textContent = k + 1;
    button.type = "button";
    button.append(key, text === "" ? "(nothing written)" : text);
    button.addEventListener("click", () => answer(text));
    item.append(button);
    return item;
  }));
  count();
  $("back").disabled = at === 0;
  $("on").disabled = at === rows.length - 1;
  $("answer").focus();
  $("answer").select();
  if (rows[at + 1]) new Image().src = `/picture/${rows[at + 1].place}`;
}

function count() {
  const doubtful = rows.filter((row) => row.doubtful);
  const done = doubtful.filter((row) => row.given).length;
  const row = rows[at];
  const state = row.given ? "answered" : `${Math.round(100 * row.confidence)} % sure`;
  $("image").textContent = `${row.image} · ${state}`;
  $("count").textContent =
    `${at + 1} of ${rows.length} · ${done} of ${doubtful.length} doubtful answered`;
  $("done").max = Math.max(1, doubtful.length);
  $("done").value = done;
  $("undo").disabled = trail.length === 0;
}

function move(step) {
  at = Math.min(rows.length - 1, Math.max(0, at + step));
  say("");
  show();
}

function onward() {
  const next = rows.findIndex((row, k) => k > at && !row.given && row.doubtful);
  const open = next >= 0 ? next : rows.findIndex((row) => !row.given && row.doubtful);
  if (open >= 0) {
    at = open;
  } else if (rows.every((row) => row.given || !row.doubtful)) {
    say("All doubtful readings are answered.");
    at = Math.min(rows.length - 1, at + 1);
  }
  show();
}

function untouched() {
  const row = rows[at];
  return $("answer").value === (row.given ? row.answer ?? "" : row.proposed);
}

async function send(row, what, version = row.version) {
  const reply = await fetch(`/rows/${row.place}`, {
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
        say(`Saved: ${shown(row)}`);
        onward();
      } else {
        say(`Somebody else answered this one: ${shown(row)}. Save again to replace it.`, true);
        show();
        if (text !== null) $("answer").value = text; // what would be saved again
      }
    } catch (error) {
      say(`Not saved: ${error.message}`, true);
    }
  });
}

async function undo() {
  await alone(async () => {
    const last = trail.pop();
    if (!last) return;
    const { row, version, was, before } = last;
    try {
      const done = await send(row, before, version);
      // What stands there now is what was answered here before that.
      if (done) for (const one of trail) if (one.row === row && one.version === was) one.version = row.version;
      at = rows.indexOf(row);
      show();
      say(done ? "Taken back." : `Somebody else answered this one: ${shown(row)}.`, !done);
    } catch (error) {
      trail.push(last);
      say(`Not taken back: ${error.message}`, true);
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
  if (!row.given) return "open again";
  return row.answer === null ? "cannot be read" : row.answer || "nothing written";
}

async function follow() {
  try {
    const reply = await fetch(`/events?after=${events}`);
    if (!reply.ok) throw new Error(await reply.text());
    const news = await reply.json();
    events = news.events;
    if (lost) say("The review is running again.");
    lost = false;
    for (const said of news.rows) {
      const row = byPlace.get(said.place);
      if (said.version <= row.version) continue;
      const inSight = row === rows[at];
      const typed = inSight && !untouched();
      Object.assign(row, said);
      if (!inSight) continue;
      if (!typed) show();
      say(`Somebody else answered this one: ${shown(row)}.`, true);
    }
    if (news.rows.length) count();
    if (news.trouble) say(`Nothing can be saved: ${news.trouble}`, true);
  } catch {
    lost = true;
    say("The review is not running any more: start it again. Nothing that was saved is lost.", true);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return; // an accent or a sign in the making
  if (!rows.length) return;
  const pick = rows[at].choices[Number(event.key) - 1];
  if (event.repeat && /^([1-9]|Enter|Escape)$/.test(event.key)) {
    event.preventDefault(); // a key held down answers once
    return;
  }
  if (/^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    if (pick !== undefined) answer(pick);
  } else if (event.key === "Escape") answer(null);
  else if (/^Arrow(Up|Down)$/.test(event.key)) {
    if (untouched()) move(event.key === "ArrowUp" ? -1 : 1);
    else say("Enter saves what you typed; Ctrl Z, or the buttons, leave it.", true);
  }
  else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
    if (untouched()) undo();
    else show(); // what was typed is left first
  }
  else return;
  event.preventDefault(); // no name holds a digit
});
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const row = rows[at];
  answer(untouched() && row.given ? row.answer : $("answer").value);
});
$("unreadable").addEventListener("click", () => answer(null));
$("back").addEventListener("click", () => move(-1));
$("on").addEventListener("click", () => move(1));
$("undo").addEventListener("click", undo);
$("picture").addEventListener("error", () => say("The image is not where it was read.", true));

(async () => {
  const found = await (await fetch("/rows")).json();
  ({ rows, events } = found);
  byPlace = new Map(rows.map((row) => [row.place, row]));
  $("file").textContent = found.file;
  document.title = `Review: ${found.file}`;
  history.replaceState(null, "", "/"); // the token need not stay in sight
  const open = rows.findIndex((row) => row.doubtful && !row.given);
  at = Math.max(0, open);
  show();
  if (open < 0) say("All doubtful readings are answered.");
  setInterval(follow, 2000);
})();
