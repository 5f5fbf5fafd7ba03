// Choosing the place of a report: by the device's position, by tapping or dragging on the map, or
// by keyboard. Writes lon, lat, accuracy and how it was chosen into the form's hidden fields and
// says in words what was chosen; the address and district fields stay for correction in words.

import { AddressSearch } from "./address-search.js";
import { createMap, districtAt, drawAreas, placeIcon, words } from "./map-ground.js";

const L = globalThis.L;
const STEP_PIXELS = 8;
const COARSE_METRES = 100;
const LOCATE = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

class PlacePicker {
  constructor(root) {
    this.root = root;
    this.data = root.dataset;
    const form = root.closest("form");
    this.inputs = {
      lat: form.elements[this.data.inputLat],
      lon: form.elements[this.data.inputLon],
      accuracy: form.elements[this.data.inputAccuracy],
      chosenBy: form.elements[this.data.inputChosenBy],
      district: form.elements[this.data.inputDistrict],
      address: form.elements[this.data.inputAddress],
    };
    this.readout = root.querySelector("[data-placepicker-readout]");
    this.mapElement = root.querySelector("[data-placepicker-map]");
    this.words = ""; // The chosen place in words, as far as the town's gazetteer knows any.
  }

  async start() {
    this.root.querySelector("[data-placepicker-tools]").hidden = false;
    this.map = createMap(this.mapElement, this.data);
    this.addCrosshair();
    this.map.on("click", (event) => this.choose(event.latlng, { by: "map" }));
    this.root.querySelector("[data-take-center]").addEventListener("click", () => {
      this.choose(this.map.getCenter(), { by: "map" });
    });
    this.bindLocate();
    const proposals = this.root.querySelector("[data-places]");
    if (this.data.placesUrl && proposals) new AddressSearch(this, this.inputs.address, proposals);
    // A draft that comes back writes the fields first and then tells.
    this.root.addEventListener("draft:restored", () => this.showEarlier());
    try {
      this.areas = await drawAreas(this.map, this.data.areasUrl, { fit: () => !this.earlierPlace() });
    } catch {
      this.areas = null;
    }
    this.showEarlier();
  }

  showEarlier() {
    const place = this.earlierPlace();
    if (place) this.show(place);
  }

  earlierPlace() {
    const lat = Number.parseFloat(this.inputs.lat.value);
    const lon = Number.parseFloat(this.inputs.lon.value);
    return Number.isFinite(lat) && Number.isFinite(lon) ? L.latLng(lat, lon) : null;
  }

  addCrosshair() {
    const cross = document.createElement("span");
    cross.className = "crosshair";
    cross.setAttribute("aria-hidden", "true");
    this.mapElement.append(cross);
  }

  bindLocate() {
    const button = this.root.querySelector("[data-locate]");
    if (!navigator.geolocation) {
      button.hidden = true;
      return;
    }
    button.addEventListener("click", () => {
      this.tell(this.data.textLocating, "info");
      button.setAttribute("aria-busy", "true");
      const finish = () => button.removeAttribute("aria-busy");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          finish();
          this.choose(L.latLng(coords.latitude, coords.longitude), { by: "gps", accuracy: coords.accuracy });
        },
        (error) => {
          finish();
          const denied = error.code === error.PERMISSION_DENIED;
          this.tell(denied ? this.data.textDenied : this.data.textUnavailable, "warning");
        },
        LOCATE,
      );
    });
  }

  choose(place, { by, accuracy = null }) {
    if (by !== "address") this.words = "";
    this.inputs.lat.value = place.lat.toFixed(6);
    this.inputs.lon.value = place.lng.toFixed(6);
    this.inputs.accuracy.value = accuracy === null ? "" : String(Math.ceil(accuracy));
    this.inputs.chosenBy.value = by;
    this.show(place);
    for (const input of [this.inputs.lat, this.inputs.lon]) {
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.root.dispatchEvent(new CustomEvent("place:chosen", { detail: { place, by, accuracy } }));
  }

  // What was chosen does not hold any more; the fields wait for another place.
  forget() {
    for (const name of ["lat", "lon", "accuracy", "chosenBy"]) this.inputs[name].value = "";
    this.marker?.remove();
    this.circle?.remove();
    this.marker = this.circle = null;
    this.words = "";
    this.readout.hidden = true;
  }

  show(place) {
    const accuracy = Number.parseFloat(this.inputs.accuracy.value) || null;
    this.putMarker(place);
    this.circle?.remove();
    this.circle = null;
    if (accuracy) {
      this.circle = L.circle(place, { radius: accuracy, className: "accuracy", interactive: false }).addTo(this.map);
    }
    if (["gps", "address"].includes(this.inputs.chosenBy.value) || !this.map.getBounds().contains(place)) {
      this.map.setView(place, Math.max(this.map.getZoom(), 17));
    }
    this.readBack(place, accuracy);
  }

  putMarker(place) {
    if (this.marker) {
      this.marker.setLatLng(place);
      return;
    }
    this.marker = L.marker(place, { icon: placeIcon(), draggable: true, autoPan: true }).addTo(this.map);
    const element = this.marker.getElement();
    element.setAttribute("aria-label", this.data.textPin);
    element.addEventListener("keydown", (event) => this.nudge(event));
    this.marker.on("dragend", () => this.choose(this.marker.getLatLng(), { by: "map" }));
  }

  nudge(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? 1 : STEP_PIXELS;
    const pixel = this.map.latLngToContainerPoint(this.marker.getLatLng());
    const target = this.map.containerPointToLatLng([pixel.x + way[0] * step, pixel.y + way[1] * step]);
    this.choose(target, { by: "map" });
  }

  readBack(place, accuracy) {
    const district = districtAt(this.areas, place.lat, place.lng);
    if (this.areas && district === null) {
      this.tell(words(this.data.textOutside, {}), "warning");
      return;
    }
    this.selectDistrict(district);
    const parts = [this.data.textChosen];
    if (this.words) parts.push(this.words);
    if (district) parts.push(words(this.data.textIn, { district }));
    if (accuracy && accuracy <= COARSE_METRES) {
      parts.push(words(this.data.textExact, { metres: Math.ceil(accuracy) }));
    }
    const sentence = parts.join(", ").replace(/^([^,]+), /, "$1: ");
    const coarse = accuracy > COARSE_METRES;
    const warning = words(this.data.textCoarse, { metres: Math.ceil(accuracy) });
    this.tell(coarse ? `${sentence}. ${warning}` : `${sentence}.`, coarse ? "warning" : "success");
  }

  // The list of districts is the same answer in words: keep both in step.
  selectDistrict(name) {
    const options = [...(this.inputs.district?.options ?? [])];
    const match = options.find((option) => option.text.trim() === name);
    if (match) this.inputs.district.value = match.value;
  }

  tell(text, tone) {
    this.readout.hidden = false;
    this.readout.dataset.tone = tone;
    this.readout.textContent = text;
  }
}

for (const root of document.querySelectorAll("[data-placepicker]")) new PlacePicker(root).start();
