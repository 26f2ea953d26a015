"use strict";
// The rectangles over the form: drawn, moved and resized by the mouse, a finger or keys.

const LEAST = 8; // pixels of the form's image, of a side
let drag = null; // what the pointer does: draw, move or resize

const clamp = (value, low, high) => Math.round(Math.min(high, Math.max(low, value)));

// The box as it lies inside the form.
function inside([x, y, wide, high]) {
  const [width, height] = sizes[page];
  const w = clamp(wide, LEAST, width);
  const h = clamp(high, LEAST, height);
  return [clamp(x, 0, width - w), clamp(y, 0, height - h), w, h];
}

function placed(element, [x, y, wide, high]) {
  const [width, height] = sizes[page];
  Object.assign(element.style, {
    left: `${(100 * x) / width}%`, top: `${(100 * y) / height}%`,
    width: `${(100 * wide) / width}%`, height: `${(100 * high) / height}%`,
  });
}

function showBoxes() {
  const focused = document.activeElement?.classList.contains("field");
  const boxes = fields().map((field, k) => {
    const box = document.createElement("button");
    const name = document.createElement("span");
    box.type = "button";
    box.className = `field ${field.kind}`;
    box.dataset.at = k;
    box.ariaPressed = String(k === at);
    box.ariaLabel = t("box", { number: k + 1, count: fields().length, name: field.name });
    name.textContent = `${k + 1} ${field.name}`;
    name.dir = "auto";
    name.ariaHidden = "true"; // the button's own label says more
    box.append(name);
    placed(box, field.box);
    if (k === at) {
      const grip = document.createElement("i");
      grip.className = "grip";
      box.append(grip);
    }
    return box;
  });
  for (const old of $("stage").querySelectorAll(".field")) old.remove();
  $("stage").append(...boxes);
  if (focused && boxes[at]) boxes[at].focus({ preventScroll: true });
}

function pointAt(event) {
  const frame = $("form").getBoundingClientRect();
  const [width, height] = sizes[page];
  return [((event.clientX - frame.left) / frame.width) * width, ((event.clientY - frame.top) / frame.height) * height];
}

$("stage").addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  const from = pointAt(event);
  const box = event.target.closest(".field");
  if (box) {
    const picked = Number(box.dataset.at) === at;
    if (!picked) choose(Number(box.dataset.at));
    if (!picked && event.pointerType === "touch") return; // a finger scrolls, until a field is chosen
    const kind = event.target.closest(".grip") ? "resize" : "move";
    drag = { kind, from, box: fields()[at].box, moved: false };
  } else if (event.pointerType !== "touch") {
    const frame = document.createElement("div");
    frame.id = "drawing";
    $("stage").append(frame);
    drag = { kind: "draw", from, frame, box: [...from, 0, 0] };
    event.preventDefault();
  }
  if (drag) $("stage").setPointerCapture(event.pointerId);
});

$("stage").addEventListener("pointermove", (event) => {
  if (!drag) return;
  const to = pointAt(event);
  const dx = to[0] - drag.from[0];
  const dy = to[1] - drag.from[1];
  const [x, y, wide, high] = drag.box;
  if (drag.kind === "draw") {
    drag.now = [Math.min(x, to[0]), Math.min(y, to[1]), Math.abs(dx), Math.abs(dy)];
    placed(drag.frame, drag.now);
    return;
  }
  if (!drag.moved && Math.hypot(dx, dy) < 3) return;
  if (!drag.moved) drawn.step(`drag ${Date.now()}`);
  drag.moved = true;
  fields()[at].box = inside(drag.kind === "move" ? [x + dx, y + dy, wide, high] : [x, y, wide + dx, high + dy]);
  placed($("stage").querySelector(`[data-at="${at}"]`), fields()[at].box);
});

function release() {
  const done = drag;
  drag = null;
  if (!done) return;
  if (done.kind === "draw") {
    done.frame.remove();
    if (done.now && done.now[2] >= LEAST && done.now[3] >= LEAST) addField(inside(done.now));
  } else if (done.moved) changed();
  $("stage").querySelector(`[data-at="${at}"]`)?.focus({ preventScroll: true });
}
$("stage").addEventListener("pointerup", release);
$("stage").addEventListener("pointercancel", release);

$("stage").addEventListener("focusin", (event) => {
  const box = event.target.closest(".field");
  if (box && Number(box.dataset.at) !== at && !drag) choose(Number(box.dataset.at));
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
$("stage").addEventListener("keydown", (event) => {
  if (at < 0 || !event.target.closest(".field")) return;
  const step = STEPS[event.key];
  if (step) {
    const by = event.altKey ? 1 : 5;
    const [dx, dy] = step.map((one) => one * by);
    const [x, y, wide, high] = fields()[at].box;
    drawn.step(`keys ${at} ${event.shiftKey}`);
    fields()[at].box = inside(event.shiftKey ? [x, y, wide + dx, high + dy] : [x + dx, y + dy, wide, high]);
    changed();
  } else if (event.key === "Delete" || event.key === "Backspace") removeField();
  else if (event.key === "Enter") $("name").focus();
  else return;
  event.preventDefault();
});
