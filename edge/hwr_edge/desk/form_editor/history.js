"use strict";
// What was drawn, step by step: for undo and redo. Steps of one kind on one field, close in time, are one.

const ONE_STEP = 700; // milliseconds
const drawn = {
  pages: [],
  before: [],
  after: [],
  last: "",
  when: 0,
  saved: "", // what stands in the file

  begin(pages) {
    this.pages = pages;
    this.before = [];
    this.after = [];
    this.saved = JSON.stringify(pages);
  },

  // Call it before a change; `kind` says what changes.
  step(kind) {
    const now = Date.now();
    if (kind !== this.last || now - this.when > ONE_STEP) this.before.push(JSON.stringify(this.pages));
    this.after = [];
    this.last = kind;
    this.when = now;
  },

  back(from, to) {
    if (!from.length) return false;
    to.push(JSON.stringify(this.pages));
    this.pages = JSON.parse(from.pop());
    this.last = "";
    return true;
  },

  undo() {
    return this.back(this.before, this.after);
  },

  redo() {
    return this.back(this.after, this.before);
  },

  get dirty() {
    return JSON.stringify(this.pages) !== this.saved;
  },
};
