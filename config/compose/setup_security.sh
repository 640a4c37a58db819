#!/bin/sh
# Give kibana_system its password and create the pipeline's role and user; safe to repeat.
# Passwords go to curl in a file and on standard input: arguments show in process lists.
set -eu
umask 077

here=$(dirname "$0")
for password in "$ELASTIC_PASSWORD" "$KIBANA_PASSWORD" "$PIPELINE_PASSWORD"; do
    case $password in
        '' | *[!A-Za-z0-9_-]*)
            echo "setup: a password in .env is empty or has a character outside A-Z a-z 0-9 _ -;" \
                "write them with make env" >&2
            exit 2
            ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" > "$work/login"
if [ -n "${CA_FILE:-}" ]; then
    printf 'cacert = "%s"\n' "$CA_FILE" >> "$work/login"
fi

# send METHOD PATH: the body comes on standard input; an answer other than 2xx ends the script.
send() {
    status=$(curl --config "$work/login" --silent --show-error --output "$work/answer" \
        --write-out '%{http_code}' --retry 5 --retry-connrefused --max-time 60 \
        --request "$1" --header 'Content-Type: application/json' --data-binary @- \
        "$ELASTICSEARCH_URL$2") || status="curl $?"
    case $status in
        2??) echo "setup: $2" ;;
        *)
            echo "setup: $1 $2 was refused ($status): $(cat "$work/answer" 2> /dev/null)" >&2
            exit 1
            ;;
    esac
}

printf '{"password":"%s"}' "$KIBANA_PASSWORD" |
    send POST /_security/user/kibana_system/_password
send PUT /_security/role/dateline_pipeline < "$here/pipeline_role.json"
printf '{"password":"%s","roles":["dateline_pipeline"],"full_name":"Dateline pipeline"}' \
    "$PIPELINE_PASSWORD" | send PUT "/_security/user/$PIPELINE_USER"
