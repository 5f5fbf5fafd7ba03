#!/bin/sh
# Renews the third-party files below static/design/vendor from their npm packages.
# Usage: design/vendor.sh            (versions as below)
# Needs npm and network access; the product itself needs neither. See docs/vendoring.md.
set -eu

KERN=2.7.2
LEAFLET=1.9.4
ALTCHA=3.2.2
OFL=5.3.0 # @fontsource/fira-sans: only its copy of the Open Font License is taken

here=$(cd "$(dirname "$0")" && pwd)/static/design/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # package version folder
    mkdir -p "$work/$3"
    (cd "$work" && npm pack --silent "$1@$2" >"$3.name")
    tar -xzf "$work/$(tail -n 1 "$work/$3.name")" -C "$work/$3" --strip-components=1
}

fetch @kern-ux/native "$KERN" kern
fetch leaflet "$LEAFLET" leaflet
fetch altcha "$ALTCHA" altcha
fetch @fontsource/fira-sans "$OFL" fira

rm -rf "$here/kern" "$here/leaflet" "$here/fira-sans" "$here/altcha"
mkdir -p "$here/kern" "$here/leaflet/images" "$here/fira-sans" "$here/altcha"

cp "$work/kern/dist/kern.min.css" "$work/kern/LICENSE.md" "$here/kern/"
echo "@kern-ux/native $KERN" >"$here/kern/VERSION"

# The map file is not shipped; a comment naming it would break the hashing of static files.
sed '/^\/\/# sourceMappingURL=/d' "$work/leaflet/dist/leaflet.js" >"$here/leaflet/leaflet.js"
cp "$work/leaflet/dist/leaflet.css" "$work/leaflet/LICENSE" "$here/leaflet/"
cp "$work"/leaflet/dist/images/*.png "$here/leaflet/images/"
echo "leaflet $LEAFLET" >"$here/leaflet/VERSION"

# The build without styles and workers inside, which our content security policy would refuse.
cp "$work/altcha/dist/external/altcha.min.js" "$work/altcha/dist/external/altcha.css" \
    "$work/altcha/dist/workers/pbkdf2.js" "$here/altcha/"
cp "$work/altcha/LICENSE.txt" "$here/altcha/LICENSE"
echo "altcha $ALTCHA" >"$here/altcha/VERSION"

for weight in Regular Medium SemiBold; do
    cp "$work/kern/dist/fonts/fira-sans/FiraSans-$weight.woff2" "$here/fira-sans/"
done
{
    echo "Digitized data copyright (c) 2012-2015, The Mozilla Foundation and Telefonica S.A."
    echo "Fira Sans is a trademark of The Mozilla Corporation."
    sed -n '/^This Font Software is licensed/,$p' "$work/fira/LICENSE"
} >"$here/fira-sans/LICENSE"
echo "Fira Sans 4.106, unchanged files of @kern-ux/native $KERN" >"$here/fira-sans/VERSION"
