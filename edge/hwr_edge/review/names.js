"use strict";
// Typing ahead: the list's names for what is typed, those that nobody has taken yet first.

const names = {
  found: [],
  at: -1, // the one that Enter takes; -1 for what is typed
  asked: 0, // questions so far: an older one's answer is of no use any more

  get open() {
    return this.found.length > 0;
  },

  async ask(place, typed) {
    const mine = ++this.asked;
    let found = [];
    try {
      const reply = await fetch(`suggest/${place}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ typed }),
      });
      if (reply.ok) found = (await reply.json()).names;
    } catch {
      // The page says soon that nobody answers.
    }
    if (mine === this.asked) this.show(found);
  },

  show(found) {
    this.found = found;
    this.at = -1;
    $("names").replaceChildren(...found.map(({ name, taken }, k) => {
      const item = document.createElement("li");
      const text = document.createElement("bdi");
      text.textContent = name;
      item.append(text);
      if (taken) {
        const note = document.createElement("small");
        note.textContent = t("taken");
        item.append(" ", note);
      }
      item.id = `name-${k}`;
      item.role = "option";
      item.ariaSelected = "false";
      item.addEventListener("pointerdown", (event) => event.preventDefault()); // what is typed keeps the focus
      item.addEventListener("click", () => answer(name));
      return item;
    }));
    $("names").hidden = !this.open;
    $("answer").ariaExpanded = String(this.open);
    $("answer").removeAttribute("aria-activedescendant");
  },

  close() {
    this.asked += 1;
    this.show([]);
  },

  // Whether a key was meant for the list.
  key(event) {
    if (!this.open || event.target !== $("answer")) return false;
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowDown") this.choose(this.at + 1);
    else if (event.key === "ArrowUp") this.choose(this.at - 1);
    else if (event.key === "Enter" && this.at >= 0 && !event.repeat) answer(this.found[this.at].name);
    else return false;
    return true;
  },

  choose(place) {
    const count = this.found.length + 1; // with what is typed
    this.at = ((place + 1 + count) % count) - 1;
    [...$("names").children].forEach((item, k) => {
      item.ariaSelected = String(k === this.at);
      if (k === this.at) item.scrollIntoView({ block: "nearest" });
    });
    if (this.at < 0) $("answer").removeAttribute("aria-activedescendant");
    else $("answer").setAttribute("aria-activedescendant", `name-${this.at}`);
  },
};
