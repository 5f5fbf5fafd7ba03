// Once somebody has left the text or paused: whether it holds names, numbers or plates. The server
// that will get the report anyway looks, keeps nothing, and nothing depends on its answer.

const place = document.querySelector("[data-personal-data]");
const form = document.querySelector("form.report-form");
const text = form?.querySelector("textarea[name=description]");
const PAUSE_MS = 1500;
const SHORTEST = 6;

function notice(words) {
  const alert = document.createElement("div");
  alert.className = "kern-alert kern-alert--info";
  const header = document.createElement("div");
  header.className = "kern-alert__header";
  const icon = document.createElement("span");
  icon.className = "kern-icon kern-icon--info";
  icon.setAttribute("aria-hidden", "true");
  const title = document.createElement("p");
  title.className = "kern-title";
  title.textContent = words;
  header.append(icon, title);
  alert.append(header);
  return alert;
}

async function ask(words) {
  const body = new FormData();
  body.set("description", words);
  body.set("category", place.dataset.category);
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(place.dataset.checkUrl, { method: "POST", body });
  return answer.ok ? (await answer.json()).text : "";
}

if (place && text) {
  let timer;
  let asked = "";
  const look = async () => {
    const words = text.value.trim();
    if (words === asked) return;
    asked = words;
    const found = words.length < SHORTEST ? "" : await ask(words).catch(() => "");
    // While the answer was on its way somebody may have typed on.
    if (words !== asked || place.dataset.shown === found) return;
    place.dataset.shown = found;
    place.replaceChildren(...(found ? [notice(found)] : []));
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  text.addEventListener("change", look);
}
