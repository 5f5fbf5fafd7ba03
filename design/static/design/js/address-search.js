// The address field of the place picker: proposes places of the town while typing, and writes down
// in words what was chosen on the map or by the device's position. Words typed by hand are kept.

import { Combobox } from "./combobox.js";
import { words } from "./map-ground.js";

const PAUSE = 200;
const SHORTEST = 2;

export class AddressSearch {
  /** `picker` is the PlacePicker whose place the field chooses and names. */
  constructor(picker, input, list) {
    Object.assign(this, { picker, input, data: picker.data, ours: "", turn: 0 });
    this.status = picker.root.querySelector("[data-places-status]");
    this.chosen = picker.inputs.chosenBy.value === "address" ? input.value : "";
    new Combobox(input, list, {
      propose: (typed) => this.propose(typed),
      choose: (option) => this.choose(option),
      wait: PAUSE,
      eager: false,
    });
    input.addEventListener("input", () => this.typed());
    picker.root.addEventListener("place:chosen", (event) => this.name(event.detail));
  }

  async propose(typed) {
    if (typed.length < SHORTEST) return [];
    const query = { municipality: this.data.town, q: typed.slice(0, 120) };
    const middle = this.picker.earlierPlace() ?? this.picker.map.getCenter();
    Object.assign(query, { lat: middle.lat.toFixed(5), lon: middle.lng.toFixed(5) });
    const found = (await this.ask(this.data.placesUrl, query))?.places ?? [];
    const count = { count: found.length };
    this.status.textContent = found.length ? words(this.data.textFound, count) : this.data.textNothing;
    return found.map((place) => ({
      label: place.label,
      note: [place.part, place.note].filter(Boolean).join(" · "),
      place,
    }));
  }

  choose({ label, note, place }) {
    this.input.value = this.chosen = place.part && !label.includes(place.part) ? `${label}, ${place.part}` : label;
    this.ours = "";
    this.status.textContent = "";
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    if (place.lat === null) {
      this.picker.tell(note || this.data.textNothing, "warning");
      return;
    }
    const at = globalThis.L.latLng(place.lat, place.lon);
    this.picker.words = label;
    this.picker.choose(at, { by: "address", accuracy: place.precision_m });
  }

  // Other words mean another place; what only adds to the chosen ones does not.
  typed() {
    this.ours = "";
    const { inputs } = this.picker;
    if (!this.chosen || inputs.chosenBy.value !== "address") return;
    if (this.input.value.startsWith(this.chosen)) return;
    this.chosen = "";
    this.picker.forget();
  }

  // A place shown on the map or by the device, read back in words.
  async name({ place, by, accuracy }) {
    if (by === "address" || !this.data.placeAtUrl) return;
    const turn = ++this.turn;
    const query = { lat: place.lat.toFixed(6), lon: place.lng.toFixed(6) };
    if (accuracy) query.accuracy_m = Math.ceil(accuracy);
    const found = await this.ask(this.data.placeAtUrl, query);
    if (turn !== this.turn || !found?.words) return;
    this.picker.words = found.words;
    this.picker.readBack(place, accuracy);
    if (this.input.value.trim() && this.input.value !== this.ours && this.input.value !== this.chosen) return;
    this.input.value = this.ours = found.words;
    this.chosen = "";
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async ask(address, query) {
    if (!address) return null;
    const url = new URL(address, document.baseURI);
    url.search = new URLSearchParams({ ...query, language: document.documentElement.lang });
    try {
      const answer = await fetch(url);
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // The map, the list of districts and any words are still there.
    }
  }
}
