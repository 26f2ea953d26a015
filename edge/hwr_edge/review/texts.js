"use strict";
// The page's words: one catalogue of the server, in the language that the browser asks for or that was chosen here.

const $ = (id) => document.getElementById(id);
const WRITTEN_FROM_RIGHT = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/;
let texts = {};
let language = "en";

// A text with its {values}. Those that would turn the words around them are kept apart.
function t(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => {
    const value = String(values[name]);
    return WRITTEN_FROM_RIGHT.test(value) ? `\u2068${value}\u2069` : value;
  });
}

function write() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = t(one.dataset.text);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(one.dataset.label));
  for (const one of document.querySelectorAll("[data-hint]")) one.placeholder = t(one.dataset.hint);
  for (const one of document.querySelectorAll("[data-alt]")) one.alt = t(one.dataset.alt);
}

async function loadTexts(changed) {
  const found = await (await fetch("texts")).json();
  texts = found.texts;
  const chosen = localStorage.getItem("hwr-edge-language");
  language = chosen in texts ? chosen : found.language;
  $("language").value = language;
  $("language").addEventListener("change", () => {
    language = $("language").value;
    localStorage.setItem("hwr-edge-language", language);
    write();
    changed();
  });
  write();
}
