// Map of reports: <div data-map …> of design/_map.html. Reads its points from data-reports-url by
// the visible box and keeps the list beside it in step. The list is the same content in words, so
// nothing depends on this script.
//
// Points: GeoJSON features with properties number, url, category, icon, status, status_label,
// received_at (ISO 8601) and, where known, place (words).

import { createMap, drawAreas, placeIcon, spriteIcon, words } from "./map-ground.js";

const L = globalThis.L;
const APART = 52; // pixels between two markers
const LIST_LENGTH = 50;
const OUTLINE_ZOOM = 13;
const FILTERS = ["category", "status", "since"];
const POPUP = {
  offset: [0, -34],
  minWidth: 220,
  maxWidth: 280,
  autoPanPaddingTopLeft: [16, 16],
  autoPanPaddingBottomRight: [72, 16],
};
const STATUS_TONES = {
  received: "info",
  in_progress: "progress",
  waiting: "warning",
  done: "success",
};

const dayOf = (moment) =>
  moment ? new Date(moment).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" }) : "";

class ReportMap {
  constructor(element) {
    this.element = element;
    this.data = element.dataset;
    this.list = this.data.list ? document.getElementById(this.data.list) : null;
    this.template = document.querySelector(`template[data-list-template="${this.data.list}"]`);
    this.status = document.querySelector(`[data-map-status="${element.id}"]`);
    this.features = [];
    this.markers = new Map();
    this.layer = L.layerGroup();
    this.moved = false;
  }

  async start() {
    const hasPoint = Boolean(this.data.pointLat);
    this.map = createMap(this.element, this.data);
    this.layer.addTo(this.map);
    if (hasPoint) this.drawPoint();
    try {
      await drawAreas(this.map, this.data.areasUrl, { fit: () => !hasPoint });
    } catch {
      // Without outlines the points still show.
    }
    if (this.data.incidentsUrl) await this.drawIncidents();
    if (this.data.dotsUrl) await this.drawDots();
    if (this.data.reportsUrl) this.followReports();
  }

  // Many points that say one thing each by size and colour; the list under the map says it in words.
  async drawDots() {
    try {
      const answer = await fetch(this.data.dotsUrl);
      if (!answer.ok) return;
      L.geoJSON(await answer.json(), {
        pointToLayer: ({ properties }, place) => {
          const moved = properties.tone === "moved";
          return L.circleMarker(place, { radius: moved ? 7 : 4, className: `dot dot--${properties.tone}` });
        },
        onEachFeature: ({ properties }, dot) => {
          const link = document.createElement("a");
          link.textContent = properties.title;
          link.href = properties.url;
          dot.bindPopup(link);
        },
      }).addTo(this.map);
    } catch {
      // Without the points the list still names the cases.
    }
  }

  // One shape for many reports; their list says the same in words.
  async drawIncidents() {
    try {
      const answer = await fetch(this.data.incidentsUrl);
      if (!answer.ok) return;
      const shapes = L.geoJSON(await answer.json(), {
        style: { className: "incident-shape" },
        onEachFeature: ({ properties }, shape) => {
          const name = document.createElement(properties.url ? "a" : "span");
          name.textContent = properties.title;
          if (properties.url) name.href = properties.url;
          shape.bindPopup(name);
        },
      }).addTo(this.map);
      const alone = !this.data.reportsUrl && shapes.getBounds().isValid();
      if (alone) this.map.fitBounds(shapes.getBounds(), { padding: [24, 24], animate: false });
    } catch {
      // Without the shape the page still says what goes on.
    }
  }

  drawPoint() {
    const place = [Number(this.data.pointLat), Number(this.data.pointLon)];
    const accuracy = Number(this.data.pointAccuracy);
    // Without tiles a close view is an empty sheet; the outlines around the pin tell where it is.
    const zoom = Number(this.data.zoom);
    this.map.setView(place, this.data.tileUrl ? zoom : Math.min(zoom, OUTLINE_ZOOM));
    if (accuracy > 0) {
      L.circle(place, { radius: accuracy, className: "accuracy", interactive: false }).addTo(this.map);
    }
    L.marker(place, { icon: placeIcon(), interactive: false, keyboard: false }).addTo(this.map);
  }

  followReports() {
    this.load();
    this.map.on("popupopen", ({ popup }) => {
      const close = popup.getElement().querySelector(".leaflet-popup-close-button");
      close?.setAttribute("aria-label", this.data.textClose);
    });
    this.map.on("moveend", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), 250);
    });
    // The first view is ours; from the first move on the list follows the person's.
    for (const event of ["dragstart", "zoomstart"]) {
      this.map.on(event, () => {
        this.moved = this.ready;
      });
    }
    this.list?.addEventListener("mouseover", (event) => this.mark(event.target));
    this.list?.addEventListener("focusin", (event) => this.mark(event.target));
  }

  async load() {
    const box = this.map.getBounds().pad(0.05);
    const url = new URL(this.data.reportsUrl, document.baseURI);
    const asked = new URLSearchParams(location.search);
    for (const key of FILTERS) if (asked.get(key)) url.searchParams.set(key, asked.get(key));
    const edges = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    url.searchParams.set("bbox", edges.map((edge) => edge.toFixed(5)).join(","));
    this.request?.abort();
    this.request = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.request.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.features = (await answer.json()).features ?? [];
    } catch (error) {
      if (error.name !== "AbortError") this.say(this.data.textFailed);
      return;
    }
    this.ready = true;
    this.draw();
    if (this.moved) this.fillList();
  }

  draw() {
    this.layer.clearLayers();
    this.markers.clear();
    const deepest = this.map.getZoom() >= this.map.getMaxZoom();
    for (const { group } of this.groups()) {
      if (group.length === 1 || deepest) group.forEach((feature) => this.addMarker(feature));
      else this.addCluster(group);
    }
  }

  // Reports closer on the screen than a finger can tell apart share a marker with their number. It
  // stands where its first report is, so that no two markers come too close.
  groups() {
    const groups = [];
    for (const feature of this.features) {
      const [lon, lat] = feature.geometry.coordinates;
      const pixel = this.map.project([lat, lon]);
      const near = groups.find((other) => other.pixel.distanceTo(pixel) < APART);
      if (near) near.group.push(feature);
      else groups.push({ pixel, group: [feature] });
    }
    return groups;
  }

  addMarker(feature) {
    const { number, icon: sign, category, status, status_label } = feature.properties;
    const [lon, lat] = feature.geometry.coordinates;
    const pin = document.createElement("span");
    pin.className = `pin pin--${status}`;
    pin.append(spriteIcon(this.data.iconsUrl, sign || "dots"));
    const icon = L.divIcon({ className: "pin-holder", html: pin, iconSize: [36, 36], iconAnchor: [18, 43] });
    const marker = L.marker([lat, lon], { icon, riseOnHover: true });
    marker.bindPopup(() => this.popup(feature.properties), POPUP);
    marker.addTo(this.layer);
    marker.getElement()?.setAttribute("aria-label", `${category}, ${status_label}, ${number}`);
    marker.on("click", () => this.showInList(number));
    this.markers.set(number, marker);
  }

  addCluster(group) {
    const points = group.map(({ geometry }) => L.latLng(geometry.coordinates[1], geometry.coordinates[0]));
    const bounds = L.latLngBounds(points);
    const count = document.createElement("span");
    count.className = "pin-cluster";
    count.textContent = String(group.length);
    const icon = L.divIcon({ className: "pin-holder", html: count, iconSize: [44, 44] });
    const marker = L.marker(points[0], { icon }).addTo(this.layer);
    marker.getElement()?.setAttribute("aria-label", words(this.data.textCluster, { count: group.length }));
    marker.on("click", () => {
      this.moved = true;
      const closer = this.map.getZoom() + 2;
      if (bounds.getNorthEast().equals(bounds.getSouthWest())) this.map.setView(points[0], closer);
      else this.map.fitBounds(bounds, { padding: [48, 48], maxZoom: closer + 2 });
    });
    for (const { properties } of group) this.markers.set(properties.number, marker);
  }

  popup(report) {
    const box = document.createElement("div");
    box.className = "popup";
    const line = (css, text) => {
      const paragraph = document.createElement("p");
      paragraph.className = css;
      paragraph.textContent = text;
      box.append(paragraph);
    };
    line("popup__title", report.category);
    line("popup__meta", [report.status_label, report.place, dayOf(report.received_at)].filter(Boolean).join(" · "));
    const link = document.createElement("a");
    link.href = report.url;
    link.textContent = this.data.textOpen;
    box.append(link);
    return box;
  }

  fillList() {
    if (!this.list || !this.template) return;
    const view = this.map.getBounds();
    const seen = this.features.filter(({ geometry }) =>
      view.contains([geometry.coordinates[1], geometry.coordinates[0]]),
    );
    seen.sort((a, b) => (b.properties.received_at ?? "").localeCompare(a.properties.received_at ?? ""));
    this.list.replaceChildren(...seen.slice(0, LIST_LENGTH).map(({ properties }) => this.item(properties)));
    this.sayCount(seen.length);
    // Paging belongs to the whole list, not to this part of the map.
    this.list.parentElement.querySelector(".pagination")?.setAttribute("hidden", "");
  }

  item(report) {
    const copy = this.template.content.firstElementChild.cloneNode(true);
    const slot = (name) => copy.querySelector(`[data-slot="${name}"]`);
    copy.dataset.report = report.number;
    slot("icon").setAttribute("href", `${this.data.iconsUrl}#${report.icon || "dots"}`);
    slot("link").href = report.url;
    slot("link").textContent = report.category;
    slot("place").textContent = report.place ?? "";
    slot("time").dateTime = report.received_at ?? "";
    slot("time").textContent = dayOf(report.received_at);
    slot("badge").classList.add(`kern-badge--${STATUS_TONES[report.status] ?? "neutral"}`);
    slot("status-icon").setAttribute("href", `${this.data.iconsUrl}#status-${report.status}`);
    slot("status").textContent = report.status_label;
    slot("number").textContent = report.number;
    return copy;
  }

  sayCount(count) {
    if (count === 0) this.say(this.data.textNone);
    else if (count === 1) this.say(this.data.textFoundOne);
    else if (count <= LIST_LENGTH) this.say(words(this.data.textFound, { count }));
    else this.say(words(this.data.textMore, { count: LIST_LENGTH }));
  }

  say(text) {
    if (this.status) this.status.textContent = text ?? "";
  }

  mark(target) {
    const number = target.closest?.("[data-report]")?.dataset.report;
    const marker = this.markers.get(number)?.getElement();
    if (marker === this.marked) return;
    this.marked?.classList.remove("is-active");
    marker?.classList.add("is-active");
    this.marked = marker;
  }

  showInList(number) {
    for (const item of this.list?.querySelectorAll("[data-report]") ?? []) {
      const isIt = item.dataset.report === number;
      item.classList.toggle("is-active", isIt);
      if (isIt && globalThis.matchMedia("(min-width: 60rem)").matches) {
        item.scrollIntoView({ block: "nearest" });
      }
    }
  }
}

for (const element of document.querySelectorAll("[data-map]")) new ReportMap(element).start();
