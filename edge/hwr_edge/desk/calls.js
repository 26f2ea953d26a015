"use strict";
// The API, which programs use as well; and what is said of it.

let silent = false; // whether the desk did not answer

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").classList.toggle("bad", bad);
}

async function ask(path, how = {}) {
  const reply = await fetch(path, how);
  if (reply.ok) return reply.json();
  throw new Error(reason(await reply.text()) || t("status", { status: reply.status }));
}

function reason(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return text.trim(); // not of the API
  }
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
    if (silent) say(t("back.again"));
    silent = false;
  } catch (error) {
    silent = error instanceof TypeError;
    say(silent ? t("gone") : error.message, true);
  }
}

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// Of people's own words, which may be written from right to left.
const written = (name, text, kind = "") => Object.assign(element(name, text, kind), { dir: "auto" });

// A number of things, as the language counts them.
function counted(key, count) {
  const one = new Intl.PluralRules(language).select(count) === "one";
  return t(`${key}.${one ? "one" : "other"}`, { count });
}

function how(batch) {
  return t(`state.${batch.state}`, {
    read: batch.read,
    pages: counted("pages", batch.pages),
    rows: batch.options.form ? counted("fields", batch.rows) : counted("names", batch.rows),
    problem: batch.problem,
  });
}
