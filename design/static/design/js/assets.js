// Offers lamps, trees and bins near the chosen place: <section data-assets …> of design/_assets.html.
// What was ticked stays ticked while the place moves; "none of these" unticks all.

class Assets {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.list = root.querySelector("[data-assets-list]");
    this.status = root.querySelector("[data-assets-status]");
    this.template = root.querySelector("[data-assets-template]");
    this.noneRow = root.querySelector("[data-assets-none]");
    this.none = this.noneRow.querySelector("input");
  }

  start() {
    const picker = this.form.querySelector("[data-placepicker]");
    if (!picker) return;
    this.lat = this.form.elements[picker.dataset.inputLat];
    this.lon = this.form.elements[picker.dataset.inputLon];
    const decides = [this.lat, this.lon, this.category()];
    this.form.addEventListener("change", (event) => {
      if (!decides.includes(event.target)) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), 300);
    });
    // With a script the list comes by itself as soon as there is a place.
    const button = this.root.querySelector("[data-assets-find]");
    if (button) button.hidden = true;
    // A number that was said or typed as the place.
    this.form.addEventListener("asset:named", ({ detail }) => {
      if (this.boxes().some((box) => box.value === detail.asset)) return;
      const thing = { reference: detail.asset, label: detail.label, distance_m: null };
      this.list.prepend(this.row(thing, "genannt", true));
      this.announce();
    });
    this.none.addEventListener("change", () => {
      if (this.none.checked) for (const box of this.boxes()) box.checked = false;
    });
    this.list.addEventListener("change", () => {
      this.none.checked = false;
    });
    this.load();
  }

  category() {
    return this.form.elements[this.root.dataset.categoryField] ?? null;
  }

  boxes() {
    return [...this.list.querySelectorAll("input")];
  }

  async load() {
    const category = this.category()?.value ?? this.root.dataset.category;
    if (!this.lat.value || !this.lon.value || !category) return;
    const url = new URL(this.root.dataset.url, document.baseURI);
    url.searchParams.set("lat", this.lat.value);
    url.searchParams.set("lon", this.lon.value);
    url.searchParams.set("category", category);
    this.request?.abort();
    this.request = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.request.signal });
      if (answer.ok) this.show((await answer.json()).assets ?? []);
    } catch {
      // Only an offer: the report can be sent without it.
    }
  }

  show(assets) {
    const ticked = this.boxes().filter((box) => box.checked);
    const kept = new Set(ticked.map((box) => box.value));
    const offered = new Set(assets.map((asset) => asset.reference));
    const rows = assets.map((asset, at) => this.row(asset, at, kept.has(asset.reference)));
    const earlier = ticked.filter((box) => !offered.has(box.value)).map((box) => box.closest(".kern-form-check"));
    this.list.replaceChildren(...earlier, ...rows);
    this.announce();
  }

  announce() {
    const count = this.boxes().length;
    this.noneRow.hidden = count === 0;
    if (this.root.dataset.categoryField) this.root.hidden = count === 0;
    const { textFound, textFoundOne } = this.status.dataset;
    this.status.textContent = count === 0 ? "" : count === 1 ? textFoundOne : textFound.replace("{count}", count);
  }

  row(asset, at, isTicked) {
    const copy = this.template.content.firstElementChild.cloneNode(true);
    const box = copy.querySelector("input");
    box.value = asset.reference;
    box.checked = isTicked;
    box.id = `objekt_nah_${at}`;
    copy.querySelector("label").htmlFor = box.id;
    copy.querySelector("[data-slot=label]").textContent = asset.label;
    copy.querySelector("[data-slot=away]").textContent =
      asset.distance_m === null ? "" : this.root.dataset.textAway.replace("{metres}", asset.distance_m);
    return copy;
  }
}

for (const root of document.querySelectorAll("[data-assets]")) new Assets(root).start();
