// Masks over a photo: drawn with the mouse or a finger, moved with the arrow keys. The numbers in the
// rows are the truth and what is sent; the drawing follows them. Without this script the rows alone do.

import { Corners, between, moved, resized } from "./mask-corners.js";

const SVG = "http://www.w3.org/2000/svg";
const FIELDS = ["left", "top", "width", "height"];
const LEAST = 0.4; // per cent
const words = (text, values) => text.replace(/\{(\w+)\}/g, (mark, name) => values[name] ?? mark);
const DECIMALS = { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false };
const percent = (value) => value.toLocaleString(document.documentElement.lang, DECIMALS);

class MaskEditor {
  constructor(form) {
    this.form = form;
    this.photo = form.querySelector("[data-masks-photo]");
    this.drawing = form.querySelector("[data-masks-drawing]");
    this.rows = form.querySelector("[data-masks-rows]");
    this.count = form.querySelector("[data-masks-count]");
    this.add = form.querySelector("[data-masks-add]");
    this.status = form.querySelector("[data-masks-status]");
    this.reveal = form.querySelector("[data-masks-reveal]");
    this.corners = new Corners(this.drawing);
    this.active = null; // the row whose mask shows its corners
  }

  start() {
    this.form.classList.add("is-drawable");
    this.form.querySelector("[data-masks-help]").hidden = false;
    this.add.hidden = false;
    for (const row of this.allRows()) {
      if (!("known" in row.dataset) && !this.isFilled(row)) row.hidden = true;
      this.draw(row);
    }
    this.fit();
    new ResizeObserver(() => this.fit()).observe(this.photo.querySelector("img"));
    this.add.addEventListener("click", () => this.addRow([40, 40, 20, 20], true));
    this.rows.addEventListener("input", (event) => this.draw(event.target.closest("[data-masks-row]")));
    this.rows.addEventListener("focusin", (event) => this.activate(event.target.closest("[data-masks-row]")));
    this.drawing.addEventListener("focusin", (event) => this.activate(this.rowAt(event)));
    this.drawing.addEventListener("pointerover", (event) => event.buttons || this.activate(this.rowAt(event)));
    this.drawing.addEventListener("pointerdown", (event) => this.grab(event));
    this.drawing.addEventListener("keydown", (event) => this.press(event));
    if (this.reveal) {
      this.reveal.hidden = false;
      this.reveal.addEventListener("click", () => this.showUnmasked());
    }
    this.listenToFold();
  }

  /** What lies below the masks; fetching it is written down, so it happens by this button only. */
  showUnmasked() {
    const picture = this.photo.querySelector("img");
    picture.src = this.reveal.dataset.masksReveal;
    picture.alt = this.reveal.dataset.textAlt;
    this.status.textContent = this.reveal.dataset.textDone;
    this.add.focus();
    this.reveal.remove();
  }

  /** In a fold the keys of the buttons count while it is open, and the first mask takes the arrows. */
  listenToFold() {
    const fold = this.form.closest("[data-masks-here]");
    fold?.addEventListener("toggle", () => {
      for (const button of this.form.querySelectorAll("[data-masks-key]")) {
        if (fold.open) button.dataset.key = button.dataset.masksKey;
        else delete button.dataset.key;
      }
      if (!fold.open) return;
      if (document.activeElement === document.body) {
        (this.drawing.querySelector("[data-masks-shape]") ?? this.add).focus({ preventScroll: true });
      }
      fold.scrollIntoView({ block: "start" });
    });
  }

  /** The drawing covers the picture and not the caption below it. */
  fit() {
    this.drawing.setAttribute("height", this.photo.querySelector("img").clientHeight);
    this.showCorners();
  }

  /** Let this row's mask show its corners and be told apart; without a row all stays. */
  activate(row) {
    if (!row || row === this.active) return;
    this.active = row;
    for (const group of this.drawing.querySelectorAll("[data-masks-shape]")) {
      group.classList.toggle("is-active", this.rowOf(group) === row);
    }
    this.showCorners();
  }

  showCorners() {
    this.corners.show(this.active && this.edges(this.active));
  }

  allRows() {
    return [...this.rows.querySelectorAll("[data-masks-row]")];
  }

  field(row, name) {
    return row.querySelector(`[name="${name}_${row.dataset.masksRow}"]`);
  }

  edges(row) {
    const numbers = FIELDS.map((name) => parseFloat(this.field(row, name).value.replace(",", ".")));
    return numbers.every(Number.isFinite) ? numbers : null;
  }

  isFilled(row) {
    return FIELDS.some((name) => this.field(row, name).value.trim());
  }

  write(row, edges) {
    const width = between(LEAST, edges[2], 100);
    const height = between(LEAST, edges[3], 100);
    const inside = [between(0, edges[0], 100 - width), between(0, edges[1], 100 - height), width, height];
    FIELDS.forEach((name, index) => (this.field(row, name).value = percent(inside[index])));
    this.draw(row);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  draw(row) {
    if (!row) return;
    const edges = this.edges(row);
    const index = row.dataset.masksRow;
    let group = this.shapeOf(row);
    if (!edges) {
      group?.remove();
      if (row === this.active) this.showCorners();
      return;
    }
    group ??= this.newShape(index);
    this.place(group, edges);
    const covers = this.field(row, "cover").checked;
    group.classList.toggle("mask-shape--removed", !covers);
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.setAttribute("aria-pressed", String(covers));
    group.setAttribute("aria-label", words(this.form.dataset.textShape, { number: Number(index) + 1 }));
    if (row === this.active) this.showCorners();
  }

  place(group, [left, top, width, height]) {
    const shape = group.firstElementChild;
    const set = (values) => Object.entries(values).forEach(([name, value]) => shape.setAttribute(name, `${value}%`));
    if (shape.tagName === "ellipse") {
      set({ cx: left + width / 2, cy: top + height / 2, rx: width / 2, ry: height / 2 });
    } else {
      set({ x: left, y: top, width, height });
    }
    const text = group.querySelector("text");
    text.setAttribute("x", `${left}%`);
    text.setAttribute("y", `${top}%`);
  }

  newShape(index) {
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", "mask-shape");
    group.dataset.masksShape = index;
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("dx", "4");
    text.setAttribute("dy", "15");
    text.setAttribute("aria-hidden", "true");
    text.textContent = Number(index) + 1;
    group.append(document.createElementNS(SVG, "rect"), text);
    this.drawing.append(group);
    return group;
  }

  /** The next empty row with these edges; another one is made where none is left. */
  addRow(edges, focus) {
    const row = this.allRows().find((each) => !("known" in each.dataset) && !this.isFilled(each)) ?? this.cloneRow();
    row.hidden = false;
    this.field(row, "cover").checked = true;
    this.write(row, edges);
    this.status.textContent = words(this.form.dataset.textAdded, { number: Number(row.dataset.masksRow) + 1 });
    if (focus) this.field(row, "left").select();
    return row;
  }

  cloneRow() {
    const last = this.allRows().at(-1);
    const row = last.cloneNode(true);
    const index = this.allRows().length;
    row.dataset.masksRow = index;
    delete row.dataset.known;
    for (const field of row.querySelectorAll("[name]")) field.name = `${field.name.split("_")[0]}_${index}`;
    for (const name of FIELDS) this.field(row, name).value = "";
    const legend = row.querySelector("legend");
    legend.textContent = words(this.form.dataset.textShape, { number: index + 1 });
    last.after(row);
    this.count.value = index + 1;
    return row;
  }

  rowOf(group) {
    return this.rows.querySelector(`[data-masks-row="${group.dataset.masksShape}"]`);
  }

  point(event) {
    const box = this.drawing.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 100, ((event.clientY - box.top) / box.height) * 100];
  }

  /** The keys go on with the mask that the pointer has. */
  focus(row) {
    this.shapeOf(row).focus({ preventScroll: true });
  }

  shapeOf(row) {
    return this.drawing.querySelector(`[data-masks-shape="${row.dataset.masksRow}"]`);
  }

  /** The row of the mask below a pointer or with the focus. */
  rowAt(event) {
    const group = event.target.closest("[data-masks-shape]");
    return group && this.rowOf(group);
  }

  /** A corner changes the size, a mask moves, beside them a new one begins. */
  grab(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    const corner = event.target.closest("[data-masks-corner]")?.dataset.masksCorner;
    const row = corner ? this.active : this.rowAt(event);
    if (!row) return this.follow(event, this.drawNew(event));
    const before = this.edges(row);
    const texts = FIELDS.map((name) => this.field(row, name).value);
    this.focus(row);
    this.follow(event, {
      move: (across, down) => this.write(row, corner ? resized(before, corner, across, down) : moved(before, across, down)),
      undo: () => {
        FIELDS.forEach((name, index) => (this.field(row, name).value = texts[index]));
        this.draw(row);
      },
    });
  }

  /** Drawing a new mask from where the pointer went down. */
  drawNew(event) {
    const [x, y] = this.point(event);
    let row = null;
    const move = (across, down) => {
      if (!row && Math.abs(across) < 1 && Math.abs(down) < 1) return;
      const [right, bottom] = [between(0, x + across, 100), between(0, y + down, 100)];
      const edges = [Math.min(x, right), Math.min(y, bottom), Math.abs(right - x), Math.abs(bottom - y)];
      if (row) this.write(row, edges);
      else this.focus((row = this.addRow(edges, false)));
    };
    return { move, undo: () => row && this.remove(row) };
  }

  /** Follow one pointer until it is lifted. What a second finger turns into zooming is undone. */
  follow(event, { move, undo }) {
    const start = this.point(event);
    const listening = new AbortController();
    const listen = (name, answer) =>
      addEventListener(name, (each) => each.pointerId === event.pointerId && answer(each), { signal: listening.signal });
    listen("pointermove", (each) => {
      const [x, y] = this.point(each);
      move(x - start[0], y - start[1]);
    });
    listen("pointerup", () => listening.abort());
    listen("pointercancel", () => {
      listening.abort();
      undo();
    });
  }

  press(event) {
    const group = event.target.closest("[data-masks-shape]");
    const row = group && this.rowOf(group);
    if (!row) return;
    const steps = { ArrowLeft: [-0.5, 0], ArrowRight: [0.5, 0], ArrowUp: [0, -0.5], ArrowDown: [0, 0.5] };
    const step = steps[event.key];
    const edges = this.edges(row);
    if (step && edges) {
      this.write(row, event.shiftKey ? resized(edges, "se", ...step) : moved(edges, ...step));
    } else if (event.key === " " || event.key === "Enter") {
      const cover = this.field(row, "cover");
      cover.checked = !cover.checked;
      this.draw(row);
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(row);
    } else return;
    event.preventDefault();
  }

  /** What was drawn just now is gone; what was known stays in the list, crossed off. */
  remove(row) {
    if ("known" in row.dataset) {
      this.field(row, "cover").checked = false;
      this.draw(row);
    } else {
      for (const name of FIELDS) this.field(row, name).value = "";
      this.draw(row);
      row.hidden = true;
      this.add.focus();
    }
    this.status.textContent = words(this.form.dataset.textRemoved, { number: Number(row.dataset.masksRow) + 1 });
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const form of document.querySelectorAll("[data-masks]")) new MaskEditor(form).start();
