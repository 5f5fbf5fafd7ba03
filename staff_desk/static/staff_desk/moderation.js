// One click or key covers or shows a found word; the difference follows what is typed. Without this
// script the check boxes and the two buttons below them do the same by a round trip.

const LONGEST = 800; // words of one text; beyond, the difference is drawn by the server only

const tokens = (text) => text.match(/\s+|\S+/g) ?? [];

/** Pieces as [kind, text]: what both have, what is gone, what is new (longest common subsequence). */
function changes(before, after) {
  const table = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      table[i][j] = before[i] === after[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const pieces = [];
  const add = (kind, text) => (pieces.at(-1)?.[0] === kind ? (pieces.at(-1)[1] += text) : pieces.push([kind, text]));
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      add("same", before[i]);
      i += 1;
      j += 1;
    } else if (j >= after.length || (i < before.length && table[i + 1][j] >= table[i][j + 1])) {
      add("del", before[i]);
      i += 1;
    } else {
      add("ins", after[j]);
      j += 1;
    }
  }
  return pieces;
}

class PublicText {
  constructor(form) {
    this.text = form.querySelector("textarea");
    this.boxes = [...form.querySelectorAll("[data-span]")];
    this.difference = document.querySelector("[data-difference]");
    this.original = this.difference?.dataset.original ?? "";
    this.status = form.querySelector("[data-span-status]");
    for (const button of form.querySelectorAll("[data-needs-no-script]")) button.hidden = true;
  }

  start() {
    for (const box of this.boxes) {
      box.addEventListener("change", () => this.toggle(box));
      this.enliven(document.querySelector(`mark[data-span-mark="${box.value}"]`), box);
    }
    this.text.addEventListener("input", () => this.draw());
    for (const field of this.elsewhere()) {
      // The text goes along with "approve everything", so nothing typed is left behind.
      field.form.addEventListener("submit", () => this.text.form.dispatchEvent(new Event("submit")));
    }
  }

  /** Where else on the page the text is sent from. */
  elsewhere() {
    return document.querySelectorAll('input[type="hidden"][name="public_text"]');
  }

  /** The word in the original is a button for its check box. */
  enliven(mark, box) {
    if (!mark) return;
    const show = () => mark.setAttribute("aria-pressed", String(box.checked));
    const press = () => {
      box.checked = !box.checked;
      box.dispatchEvent(new Event("change"));
    };
    mark.setAttribute("role", "button");
    mark.tabIndex = 0;
    mark.addEventListener("click", press);
    mark.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      press();
    });
    box.addEventListener("change", show);
    show();
  }

  toggle(box) {
    const { words, placeholder } = box.dataset;
    const alike = this.boxes.filter((each) => each.dataset.placeholder === placeholder);
    const before = alike.slice(0, alike.indexOf(box)).filter((each) => each.checked).length;
    const done = box.checked ? this.replace(words, placeholder, 0) : this.replace(placeholder, words, before);
    if (!done) box.checked = !box.checked;
    this.status.textContent = done ? "" : this.status.dataset.lost;
    if (done) this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  replace(old, fresh, skip) {
    let at = this.text.value.indexOf(old);
    for (let n = 0; n < skip && at >= 0; n += 1) at = this.text.value.indexOf(old, at + old.length);
    if (at < 0) return false;
    this.text.value = this.text.value.slice(0, at) + fresh + this.text.value.slice(at + old.length);
    return true;
  }

  draw() {
    for (const field of this.elsewhere()) field.value = this.text.value;
    if (!this.difference) return;
    const [before, after] = [tokens(this.original), tokens(this.text.value)];
    if (Math.max(before.length, after.length) > 2 * LONGEST) return;
    const nodes = changes(before, after).map(([kind, text]) => {
      if (kind === "same") return document.createTextNode(text);
      const element = document.createElement(kind);
      element.textContent = text;
      return element;
    });
    this.difference.replaceChildren(...nodes);
    this.difference.closest("details").hidden = this.original === this.text.value;
  }
}

for (const form of document.querySelectorAll("[data-public-text]")) new PublicText(form).start();
