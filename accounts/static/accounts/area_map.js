/* Additions to django-leaflet's map fields: outlines as background, and holes that survive. */
(function () {
  "use strict";

  function data(id) {
    var element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  }

  // The store that comes with django-leaflet writes the outer ring only.
  L.AreaStore = L.FieldStore.extend({
    _serialize: function (layer) {
      var precision = this.options.precision;
      var polygons = [];
      var items = typeof layer.getLayers === "function" ? layer.getLayers() : [layer];
      items.forEach(function (item) {
        var geometry = item.toGeoJSON(precision).geometry;
        if (geometry.type === "Polygon") {
          polygons.push(geometry.coordinates);
        } else if (geometry.type === "MultiPolygon") {
          polygons = polygons.concat(geometry.coordinates);
        }
      });
      return polygons.length
        ? JSON.stringify({ type: "MultiPolygon", coordinates: polygons })
        : "";
    },
  });

  function speak(map, words) {
    Object.keys(words).forEach(function (path) {
      var steps = path.split(".");
      var last = steps.pop();
      var place = steps.reduce(function (below, step) {
        return below && below[step];
      }, L.drawLocal);
      if (place) {
        place[last] = words[path];
      }
    });
    if (map.zoomControl && words["zoom.in"]) {
      map.zoomControl._zoomInButton.title = words["zoom.in"];
      map.zoomControl._zoomOutButton.title = words["zoom.out"];
    }
  }

  window.addEventListener("map:init", function (event) {
    var map = event.detail.map;
    speak(map, data("area-map-words") || {});
    var background = data("area-map-background");
    if (!background || !background.features.length) {
      return;
    }
    var outlines = L.geoJSON(background, {
      interactive: false,
      style: { color: "#5b6770", weight: 1, fill: true, fillOpacity: 0.04 },
      onEachFeature: function (feature, layer) {
        if (!feature.properties.name) {
          return;
        }
        layer.bindTooltip(feature.properties.name, {
          permanent: true,
          direction: "center",
          className: "area-map-name",
        });
      },
    }).addTo(map);
    outlines.bringToBack();
    map.on("map:loadfield", function (loaded) {
      if (!loaded.field.drawnItems.getLayers().length) {
        map.fitBounds(outlines.getBounds());
      }
    });
  });
})();
