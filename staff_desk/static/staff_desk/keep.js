// What is typed goes to the server a moment later, so that neither a closed window nor a crash
// loses it. Where that fails (signed out, no connection) this window keeps it until it works.

const WAIT_MS = 700;
const UNSAVED = "entry:unsaved";

function remember(form) {
  try {
    sessionStorage.setItem(UNSAVED, JSON.stringify([...new FormData(form)]));
  } catch {
    // Storage may be forbidden; then only what the server has comes back.
  }
}

export function forgetUnsaved() {
  try {
    sessionStorage.removeItem(UNSAVED);
  } catch {
    // Nothing was kept.
  }
}

async function send(url, fields, options = {}) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  const answer = await fetch(url, { method: "POST", body, redirect: "manual", ...options });
  return answer.status === 204;
}

/** Give the server what only this window has, and open it. */
async function bringBack(form) {
  let fields;
  try {
    fields = JSON.parse(sessionStorage.getItem(UNSAVED) ?? "null");
  } catch {
    return;
  }
  if (!fields) return;
  const values = new Map(fields);
  // The token belonged to the session that ended.
  const fresh = fields.filter(([name]) => name !== "csrfmiddlewaretoken");
  fresh.push(["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value]);
  if (!(await send(form.dataset.keepUrl, fresh))) return;
  forgetUnsaved();
  location.replace(`${form.dataset.entryUrl}?entwurf=${encodeURIComponent(values.get("form_key"))}`);
}

export function keepWhileTyping(form) {
  const told = form.querySelector("[data-kept]");
  let timer;
  let dirty = false;

  async function keep(options) {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    let kept = false;
    try {
      kept = await send(form.dataset.keepUrl, new FormData(form), options);
    } catch {
      kept = false;
    }
    if (!kept) remember(form);
    else forgetUnsaved();
    told.textContent = kept ? form.dataset.textKept : form.dataset.textNotKept;
  }

  const later = () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  globalThis.addEventListener("pagehide", () => keep({ keepalive: true }));
  form.addEventListener("submit", () => {
    // Should the session have ended, the words are back after signing in.
    dirty = false;
    clearTimeout(timer);
    remember(form);
  });
  // Once the server says that it has everything, this window has nothing to bring back.
  if (document.querySelector('[data-message="success"]')) forgetUnsaved();
  else if ("fresh" in form.dataset) bringBack(form);
}
