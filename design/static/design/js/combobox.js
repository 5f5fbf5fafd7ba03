// A text field with a list of proposals (WAI-ARIA combobox with listbox popup): arrows move,
// Enter and Tab take the marked proposal, Escape keeps what was typed. Where any words are welcome
// (`eager: false`) nothing is marked until an arrow is pressed, so that Tab keeps them. With `goOn`
// Enter and Tab wait for proposals that are still on their way, and `goOn` is called if none come:
// whoever types fast must not be given what belonged to the first letters.

export class Combobox {
  /** `propose(words)` answers a list of {label, note, value}, at once or later; `choose` gets one. */
  constructor(input, list, { propose, choose, goOn = null, wait = 0, eager = true }) {
    Object.assign(this, { input, list, propose, choose, goOn, wait, eager, options: [], marked: -1, asked: 0 });
    this.isLooking = this.takesFirst = this.isPointing = false;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    // Somebody may have begun to type before this script was there.
    if (document.activeElement === input && input.value !== input.defaultValue) this.later();
  }

  later() {
    this.isLooking = this.input.value.trim() !== "";
    this.takesFirst = this.isPointing = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.update(), this.wait);
  }

  async update() {
    const turn = ++this.asked;
    const words = this.input.value.trim();
    const found = words ? await this.propose(words) : [];
    if (turn !== this.asked) return;
    this.isLooking = false;
    if (this.takesFirst) this.takeFirst(found);
    else if (document.activeElement === this.input) this.show(found);
  }

  takeFirst(found) {
    this.takesFirst = false;
    this.options = found;
    if (found.length) this.take(0);
    else this.goOn(this.input);
  }

  show(found) {
    this.options = found;
    this.list.replaceChildren(...found.map((option, at) => this.item(option, at)));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.mark(found.length && this.eager ? 0 : -1);
  }

  item(option, at) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${at}`;
    item.className = "combo__item";
    item.setAttribute("role", "option");
    item.append(option.label);
    if (option.note) {
      const note = document.createElement("span");
      note.className = "combo__note";
      note.textContent = option.note;
      item.append(" ", note);
    }
    // Before the field loses the focus, or the list would be gone when the click arrives.
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      this.take(at);
    });
    return item;
  }

  mark(at) {
    this.marked = at;
    [...this.list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", this.list.children[at].id);
      this.list.children[at].scrollIntoView({ block: "nearest" });
    }
  }

  point(at) {
    this.isPointing = true;
    this.mark(at);
  }

  close() {
    if (this.takesFirst) return;
    this.asked++;
    this.isLooking = false;
    clearTimeout(this.timer);
    this.show([]);
  }

  key(event) {
    const last = this.options.length - 1;
    const isTaking = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey);
    const isLate = this.isLooking && !this.isPointing;
    const waits = isTaking && isLate && this.goOn !== null && !event.ctrlKey;
    if (last < 0 && !waits) return;
    if (waits) this.takesFirst = true;
    else if (event.key === "ArrowDown") this.point(this.marked < last ? this.marked + 1 : 0);
    else if (event.key === "ArrowUp") this.point(this.marked > 0 ? this.marked - 1 : last);
    else if (event.key === "Escape") this.close();
    else if (this.marked < 0) return;
    else if (isTaking) this.take(this.marked);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(at) {
    const option = this.options[at];
    this.close();
    if (option) this.choose(option);
  }
}
