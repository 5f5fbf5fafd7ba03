// Nothing typed is lost and nothing is sent twice.
//
//   form[data-guard]          a second submit is ignored while the first is under way
//   form[data-draft="key"]    fields are kept in sessionStorage of this tab until the page after
//                             sending shows a success message or [data-draft-clear="key"]
//   [data-no-draft]           a field that is never kept
//   [data-error-summary]      takes the focus when the page loads
//   [data-hide-with-js]       only needed without scripts
//   [data-copy="text"]        copies it; [data-print] prints

const SKIP = new Set(["hidden", "file", "password", "submit", "button"]);

class Draft {
  constructor(form) {
    this.form = form;
    this.key = `draft:${form.dataset.draft}`;
  }

  fields() {
    return [...this.form.elements].filter((field) => field.name && !this.isSkipped(field));
  }

  isSkipped(field) {
    if ("noDraft" in field.dataset) return true;
    // The place lives in hidden fields; every other hidden field is the server's.
    if (field.type === "hidden") return !field.closest("[data-placepicker]");
    return SKIP.has(field.type);
  }

  save() {
    const values = {};
    for (const field of this.fields()) {
      if (field.type === "radio" || field.type === "checkbox") {
        values[field.name] ??= [];
        if (field.checked) values[field.name].push(field.value);
      } else if (field.value) values[field.name] = field.value;
    }
    this.write({ values, sent: Boolean(this.form.dataset.sent) });
  }

  write(draft) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify(draft));
    } catch {
      // Storage may be full or forbidden; the form works without it.
    }
  }

  read() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  clear() {
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // See save().
    }
  }

  /** Put kept values into empty fields; tells whether anything came back. */
  restore() {
    const values = this.read()?.values;
    if (!values) return false;
    let restored = false;
    for (const field of this.fields()) {
      const value = values[field.name];
      if (value === undefined) continue;
      if (field.type === "radio" || field.type === "checkbox") {
        if (value.includes(field.value) && !field.checked) {
          field.checked = true;
          field.closest("details")?.setAttribute("open", "");
          field.dispatchEvent(new Event("change", { bubbles: true }));
          restored = true;
        }
      } else if (!field.value && value) {
        field.value = value;
        field.closest("details")?.setAttribute("open", "");
        restored = true;
      }
    }
    return restored;
  }

  start() {
    // After a refused send the server's values are newer than ours.
    const refused = this.form.querySelector("[data-error-summary]");
    if (!refused && this.restore()) {
      this.announce();
      this.form.querySelector("[data-placepicker]")?.dispatchEvent(new Event("draft:restored"));
    }
    let timer;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.save(), 300);
    };
    this.form.addEventListener("input", later);
    this.form.addEventListener("change", later);
    globalThis.addEventListener("pagehide", () => {
      clearTimeout(timer);
      if (this.form.dataset.touched) this.save();
    });
    for (const event of ["input", "change"]) {
      this.form.addEventListener(event, () => (this.form.dataset.touched = "1"), { once: true });
    }
  }

  announce() {
    const note = document.createElement("div");
    note.className = "draft-note";
    note.setAttribute("role", "status");
    const text = document.createElement("span");
    text.textContent = this.form.dataset.textRestored ?? "";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.textContent = this.form.dataset.textDiscard ?? "×";
    discard.addEventListener("click", () => {
      this.clear();
      delete this.form.dataset.touched;
      location.reload();
    });
    note.append(text, discard);
    this.form.prepend(note);
  }
}

function lockAgainstSecondSubmit(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter;
    const label = button?.querySelector(".kern-label");
    if (button) button.setAttribute("aria-disabled", "true");
    if (label && form.dataset.textSending && !button.formNoValidate) {
      label.dataset.before = label.textContent;
      label.textContent = form.dataset.textSending;
    }
  });
  // Coming back with the browser's back button must find a usable form.
  globalThis.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
      const label = button.querySelector(".kern-label");
      if (label?.dataset.before) label.textContent = label.dataset.before;
    }
  });
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector(".kern-label");
  const before = label.textContent;
  label.textContent = button.dataset.textCopied ?? before;
  setTimeout(() => (label.textContent = before), 2500);
}

// A draft goes once the server said that it has the words: a plain page load proves nothing.
function forgetDelivered() {
  const delivered = document.querySelector('[data-message="success"]') !== null;
  try {
    for (const element of document.querySelectorAll("[data-draft-clear]")) {
      sessionStorage.removeItem(`draft:${element.dataset.draftClear}`);
    }
    for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("draft:"))) {
      if (delivered && JSON.parse(sessionStorage.getItem(key)).sent) sessionStorage.removeItem(key);
    }
  } catch {
    // Without storage nothing was kept.
  }
}

forgetDelivered();
for (const element of document.querySelectorAll("[data-hide-with-js]")) element.hidden = true;
for (const form of document.querySelectorAll("form[data-guard]")) lockAgainstSecondSubmit(form);
for (const form of document.querySelectorAll("form[data-draft]")) {
  if (form.dataset.draft) new Draft(form).start();
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => copy(button));
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => globalThis.print());
}
document.querySelector("[data-error-summary]")?.focus();
