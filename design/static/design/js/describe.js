// Shows the kinds of report that fit while somebody describes what is wrong: the same page that the
// button brings, of which only the suggestions are taken over.

const PAUSE_MS = 500;
const SHORTEST = 8;

function start(form) {
  const text = form.querySelector("textarea");
  const result = form.querySelector("[data-describe-result]");
  const status = form.querySelector("[data-describe-status]");
  let timer;
  let request;
  let shown = text.value.trim();

  const say = () => {
    const count = result.querySelectorAll("li").length;
    const words = count === 1 ? status.dataset.textFoundOne : status.dataset.textFound;
    status.textContent = count ? words.replace("{count}", String(count)) : status.dataset.textNone;
  };

  const look = async () => {
    const said = text.value.trim();
    if (said === shown || said.length < SHORTEST) return;
    request?.abort();
    request = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(document.URL, { method: "POST", body, signal: request.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-describe-result]");
      if (!fresh) return;
      shown = said;
      result.replaceChildren(...fresh.childNodes);
      say();
    } catch {
      // Only a convenience: the button and the list are there.
    }
  };

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
}

for (const form of document.querySelectorAll("[data-describe]")) start(form);
