#!/bin/sh
# Make a certificate authority and a certificate for Elasticsearch's HTTP port, unless they exist.
# The folder is an argument only for tests. Nothing half made is ever taken for finished: ca.crt,
# which says that all is there, is written last and by renaming.
set -eu
umask 022

folder=${1:-/certificates}
if [ -s "$folder/ca/ca.crt" ] && [ -s "$folder/server/elasticsearch.key" ]; then
    echo "certificates: they exist"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
elasticsearch-certutil ca --silent --pem --out "$work/ca.zip"
unzip -q -j "$work/ca.zip" -d "$work"
elasticsearch-certutil cert --silent --pem --name elasticsearch \
    --dns elasticsearch,localhost --ip 127.0.0.1 \
    --ca-cert "$work/ca.crt" --ca-key "$work/ca.key" --out "$work/server.zip"
unzip -q -j "$work/server.zip" -d "$work"

# The authority's key is not kept: nobody can sign a second certificate with it.
cp "$work/elasticsearch.crt" "$folder/server/elasticsearch.crt"
(umask 027 && cp "$work/elasticsearch.key" "$folder/server/elasticsearch.key")
# The server runs as uid 1000 with group 0; others may read the authority's certificate only.
chmod 640 "$folder/server/elasticsearch.key"
chmod 644 "$folder/server/elasticsearch.crt"
cp "$work/ca.crt" "$folder/ca/ca.crt.new"
chmod 644 "$folder/ca/ca.crt.new"
mv "$folder/ca/ca.crt.new" "$folder/ca/ca.crt"
echo "certificates: made"
