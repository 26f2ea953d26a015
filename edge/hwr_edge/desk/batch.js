"use strict";
// One batch: how far it is, and its rows, which come page by page.

const AT_ONCE = 500; // rows that the table gets at a time

function showState(batch) {
  const busy = batch.state === "reading" || batch.state === "waiting";
  document.title = `${batch.title} - ${t("desk")}`;
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
  $("problems").firstElementChild.textContent = counted("remarks", told.length);
  $("problems").lastElementChild.replaceChildren(...told.map((line) => written("li", line)));
  return busy;
}

function percent(row) {
  return t("percent", { percent: Math.round(100 * (row.match == null ? row.confidence : row.match_confidence)) });
}

function showRow(row, form) {
  const made = element("tr");
  const file = row.image.replace(/^scans\//, "");
  made.append(written("td", row.page ? t("place", { file, page: row.page }) : file, "place"));
  if (form) made.append(written("td", row.field ?? ""));
  made.append(written("td", row.name ?? "", "name"), element("td", percent(row), "few"));
  made.append(element("td", row.checked === "no" && !row.review ? "" : t(`checked.${row.checked}`), "few"));
  return made;
}

function showHeads(form) {
  const heads = [t("column.scan"), t("column.name"), t("column.sure"), t("column.state")];
  if (form) heads.splice(1, 0, t("column.field"));
  const line = element("tr");
  line.append(...heads.map((head) => Object.assign(element("th", head), { scope: "col" })));
  document.querySelector("#table thead").replaceChildren(line);
}

async function showRows(form) {
  const one = shown;
  const next = one.next;
  const found = await ask(`/api/batches/${one.id}/results?after=${next}&first=${one.rows}&count=${AT_ONCE}`);
  if (shown !== one || one.next !== next) return; // another look was faster
  if (!one.rows && found.rows.length) showHeads(form);
  document.querySelector("#table tbody").append(...found.rows.map((row) => showRow(row, form)));
  one.rows += found.rows.length;
  one.next = found.next;
}

async function showBatch() {
  const one = shown;
  const batch = await ask(`/api/batches/${one.id}`);
  if (shown !== one) return;
  const busy = showState(batch);
  if (one.rows < batch.rows && one.rows < one.wanted) await showRows(Boolean(batch.options.form));
  $("rest").hidden = one.rows >= batch.rows;
  const soon = busy || (one.rows < batch.rows && one.rows < one.wanted);
  clearTimeout(timer); // of another look
  timer = setTimeout(follow, soon ? (one.rows ? 400 : 100) : 3000);
}
