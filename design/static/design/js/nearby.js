// Shows open reports of the same kind near the chosen place, before another one is sent:
// <section data-nearby …> of design/_nearby.html. Listens to the place fields of its form.

const MOST = 3;

class Nearby {
  constructor(root) {
    this.root = root;
    this.data = root.dataset;
    this.form = root.closest("form");
    this.list = root.querySelector("[data-nearby-list]");
    this.status = root.querySelector("[data-nearby-status]");
    this.template = root.querySelector("[data-nearby-template]");
  }

  start() {
    const picker = this.form.querySelector("[data-placepicker]");
    if (!picker) return;
    this.lat = this.form.elements[picker.dataset.inputLat];
    this.lon = this.form.elements[picker.dataset.inputLon];
    this.form.addEventListener("change", (event) => {
      if (event.target !== this.lat && event.target !== this.lon) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), 300);
    });
    this.load();
  }

  async load() {
    if (!this.lat.value || !this.lon.value) return;
    const url = new URL(this.data.url, document.baseURI);
    url.searchParams.set("lat", this.lat.value);
    url.searchParams.set("lon", this.lon.value);
    this.request?.abort();
    this.request = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.request.signal });
      if (answer.ok) this.show((await answer.json()).features ?? []);
    } catch {
      // Only a convenience: the report can be sent without it.
    }
  }

  show(features) {
    this.root.hidden = features.length === 0;
    this.status.textContent = features.length ? this.status.dataset.text : "";
    this.list.replaceChildren(...features.slice(0, MOST).map(({ properties }) => this.item(properties)));
  }

  item(report) {
    const copy = this.template.content.firstElementChild.cloneNode(true);
    const slot = (name) => copy.querySelector(`[data-slot="${name}"]`);
    slot("icon").setAttribute("href", `${this.data.iconsUrl}#${report.icon || "dots"}`);
    slot("link").href = report.url;
    slot("link").textContent = report.category;
    slot("status").textContent = report.status_label;
    slot("reason").textContent = report.reason;
    // What was shown here is not asked again on the way to sending.
    const seen = document.createElement("input");
    Object.assign(seen, { type: "hidden", name: "known", value: report.number });
    copy.append(seen);
    return copy;
  }
}

for (const root of document.querySelectorAll("[data-nearby]")) new Nearby(root).start();
