"use strict";
// One page: all batches, or with #ID one of them. home.js and batch.js show them; calls.js asks for them.

let shown = null; // the batch in sight: its id, and how far its rows are shown
let timer = 0;

function follow() {
  clearTimeout(timer);
  timer = setTimeout(follow, 2000); // also where the desk does not answer
  trying(shown ? showBatch : showHome);
}

function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  shown = id ? { id, rows: 0, next: 0, wanted: AT_ONCE } : null;
  document.querySelector("#table thead").replaceChildren();
  document.querySelector("#table tbody").replaceChildren();
  $("home").hidden = Boolean(shown);
  $("batch").hidden = !shown;
  document.title = t("desk");
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

function onClick(id, what) {
  $(id).addEventListener("click", () => trying(what));
}

chosen("files", start);
chosen("photo", start);
chosen("more", async (files) => {
  await send(shown.id, files);
  follow();
});
chosen("new-list", addList);
chosen("new-form", addForm);
chosen("new-empty", makeForm);
$("form").addEventListener("change", showDrawing);
$("new").addEventListener("submit", (event) => event.preventDefault());

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

onClick("cancel", () => post(`/api/batches/${shown.id}/cancel`, {}).then(follow));
onClick("continue", () => post(`/api/batches/${shown.id}/continue`, {}).then(follow));
onClick("rest", async () => {
  shown.wanted += AT_ONCE;
  follow();
});
$("delete").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue !== "yes") return;
  trying(async () => {
    await ask(`/api/batches/${shown.id}`, { method: "DELETE" });
    location.hash = "";
    say(t("deleted"));
  });
});

(async () => {
  history.replaceState(null, "", `/${location.hash}`); // the token need not stay in sight
  await loadTexts(() => { say(""); open(); });
  addEventListener("hashchange", open);
  open();
})();
