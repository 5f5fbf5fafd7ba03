"""OGC API - Features, Part 1: core, geojson, oas30, html. One collection for each town."""
