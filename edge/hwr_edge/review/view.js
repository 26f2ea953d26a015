"use strict";
// The page around a reading: it is scrolled with arrows, fingers or the mouse, and zoomed.

const view = {
  zoom: 1,
  shown: "", // which page's image is there
  place: -1, // of the row whose box is marked

  get open() {
    return !$("sheet").hidden;
  },

  async toggle(row) {
    $("sheet").hidden = this.open;
    $("page").ariaExpanded = String(this.open);
    this.place = -1;
    if (!this.open) return;
    await this.show(row);
    $("sheet").scrollIntoView({ block: "nearest" });
    $("view").focus();
  },

  async show(row) {
    if (!this.open || this.place === row.place) return;
    this.place = row.place;
    const reply = await fetch(`sheet/${row.place}`).catch(() => null);
    if (this.place !== row.place) return; // another one was asked for meanwhile
    $("stage").hidden = !(reply && reply.ok);
    if (!reply || !reply.ok) return;
    const { size: [width, height], box: [x, y, wide, high] } = await reply.json();
    $("stage").style.aspectRatio = `${width} / ${height}`;
    Object.assign($("box").style, {
      left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`,
      width: `${(100 * wide) / width}%`, height: `${(100 * high) / height}%`,
    });
    if (this.shown !== row.sheet) $("around").src = `sheet/${row.place}.jpg`;
    this.shown = row.sheet;
    this.centre((x + wide / 2) / width, (y + high / 2) / height);
  },

  // Bring a part of the page, 0 to 1 of its width and height, to the middle.
  centre(x, y) {
    const frame = $("view");
    frame.scrollLeft = x * $("stage").offsetWidth - frame.clientWidth / 2;
    frame.scrollTop = y * $("stage").offsetHeight - frame.clientHeight / 2;
  },

  zoomTo(zoom) {
    const frame = $("view");
    const x = (frame.scrollLeft + frame.clientWidth / 2) / $("stage").offsetWidth;
    const y = (frame.scrollTop + frame.clientHeight / 2) / $("stage").offsetHeight;
    this.zoom = Math.min(8, Math.max(1, zoom));
    $("stage").style.width = `${100 * this.zoom}%`;
    this.centre(x, y);
  },
};

$("closer").addEventListener("click", () => view.zoomTo(view.zoom * 1.5));
$("farther").addEventListener("click", () => view.zoomTo(view.zoom / 1.5));
$("whole").addEventListener("click", () => view.zoomTo(1));
$("view").addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  view.zoomTo(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
}, { passive: false });
$("view").addEventListener("keydown", (event) => {
  if (event.key === "+") view.zoomTo(view.zoom * 1.5);
  else if (event.key === "-") view.zoomTo(view.zoom / 1.5);
  else if (event.key === "0") view.zoomTo(1);
});
$("view").addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse" || event.buttons !== 1) return; // fingers scroll by themselves
  $("view").scrollLeft -= event.movementX;
  $("view").scrollTop -= event.movementY;
});
$("around").draggable = false;
