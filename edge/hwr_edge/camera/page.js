"use strict";
// Asks for the state a few times a second, and for the image whenever there is a new one.

const $ = (id) => document.getElementById(id);
const EVERY = 250; // milliseconds
let shown = 0; // number of the frame in sight
let latest = ""; // time of the last name in the list

const percent = (share) => `${Math.round(100 * share)} %`;

function make(tag, text, kind) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

function hint(text, kind = "") {
  $("hint").textContent = text;
  $("hint").className = kind;
}

function boxes(state) {
  $("boxes").setAttribute("viewBox", `0 0 ${state.size.join(" ")}`);
  $("boxes").replaceChildren(...state.boxes.map(([x, y, width, height]) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
    return rect;
  }));
}

function names(rows) {
  const key = rows.length ? rows[0].time + rows[0].text : "";
  if (key === latest) return;
  latest = key;
  $("none").hidden = rows.length > 0;
  $("names").replaceChildren(...rows.map((row) => {
    const item = make("li", "", row.review ? "review" : "");
    const time = new Date(row.time);
    const early = time.getUTCFullYear() < 1971; // a recording's own clock
    const said = early ? row.time.slice(14, 21) : time.toLocaleTimeString();
    const sure = row.match ? row.match_confidence : row.confidence;
    item.append(make("time", said), make("b", row.match ?? row.text), make("span", percent(sure), "sure"));
    return item;
  }));
}

async function follow() {
  try {
    const reply = await fetch("/state");
    if (reply.status === 403) return hint(await reply.text(), "bad"); // another one runs there now
    if (!reply.ok) throw new Error(await reply.text());
    const state = await reply.json();
    const done = state.hint.startsWith("read:");
    hint(state.hint, done ? "done" : state.hint.startsWith("the camera") ? "bad" : "");
    names(state.names);
    if (state.frame && state.frame !== shown) {
      shown = state.frame;
      $("picture").src = `/picture?frame=${shown}`;
      $("picture").hidden = false;
      boxes(state);
      $("text").textContent = state.reading?.text ?? "";
      $("sure").textContent = state.reading ? percent(state.reading.confidence) : "";
    }
  } catch {
    hint("hwr-edge camera is not running any more", "bad");
  } finally {
    setTimeout(follow, EVERY);
  }
}

history.replaceState(null, "", "/"); // the token need not stay in sight
follow();
