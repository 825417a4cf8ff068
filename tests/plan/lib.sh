# Helpers of the cases: they stand in an empty folder.

cat >dbt_project.yml <<'END'
name: shop
version: "1.0"
config-version: 2
profile: shop
END
mkdir models

# model NAME: standard input becomes models/NAME.sql
model() {
    cat >"models/$1.sql"
}

# cf ARGUMENTS: cflowsh on the sandbox of this case, data and messages in one stream,
# then its exit status when that is not 0
cf() {
    status=0
    timeout 60 "$CFLOWSH" -X -q --sandbox=sandbox.db "$@" 2>&1 || status=$?
    [ "$status" = 0 ] || echo "[status $status]"
}

# do_run SELECTOR: only the last line of each node, and the sum
do_run() {
    cf -y -c "\\run --threads 1 $*" | grep -vE ' START |^[0-9:]+    '
}

# sql TEXT: one statement by hand
sql() {
    cf -c "$1"
}

# statements: what is there and stays, without ages
statements() {
    cf -A -t -c '\ps *' | cut -d'|' -f1,2 | grep -v '|DELETING$'
}

# running: those that go on
running() {
    statements | grep -v '|COMPLETED$'
}

say() {
    echo "# $*"
}

# serve OPTIONS: from here on cf talks to a sandbox of its own that was given OPTIONS
serve() {
    rm -f port
    "$CFLOWSH_SANDBOX" --port 0 --port-file port --pending 1-5 --state served.db -q \
        --parent-pid $$ "$@" &
    served=$!
    while [ ! -s port ]; do
        kill -0 "$served" || return 1
        sleep 0.1
    done
    statements_url="http://127.0.0.1:$(cat port)/sql/v1/organizations/00000000-0000-4000-8000-000000000000/environments/env-sandbox/statements"
    cat >profiles.yml <<EOF
shop:
  target: dev
  outputs:
    dev: {type: confluent, environment_id: env-sandbox, dbname: main,
      organization_id: 00000000-0000-4000-8000-000000000000,
      compute_pool_id: lfcp-sandbox, flink_api_key: k, flink_api_secret: s,
      endpoint: "http://127.0.0.1:$(cat port)"}
EOF
    cf() {
        status=0
        timeout 60 "$CFLOWSH" -X -q "$@" 2>&1 || status=$?
        [ "$status" = 0 ] || echo "[status $status]"
    }
}

# unserve: ends it
unserve() {
    kill "$served"
    wait "$served" 2>/dev/null
}

# fault JSON: faults of the served sandbox, from now on
fault() {
    curl -sS -X POST -d "$1" "http://127.0.0.1:$(cat port)/sandbox/faults" >/dev/null
}

# gone NAME: waits until the deletion of a statement is over
gone() {
    until [ "$(curl -sS -u k:s -o /dev/null -w '%{http_code}' "$statements_url/$1")" = 404 ]
    do
        sleep 0.1
    done
}

# post NAME SQL [LABEL]: a statement of that name made by somebody else, in streaming mode
post() {
    curl -sS -u k:s -H 'Content-Type: application/json' -o /dev/null -d "{\"name\": \"$1\",
        \"metadata\": {\"labels\": {\"user.confluent.io/${3:-other}\": \"true\"}},
        \"spec\": {\"statement\": \"$2\", \"compute_pool_id\": \"lfcp-sandbox\",
            \"properties\": {\"sql.current-catalog\": \"env-sandbox\",
                             \"sql.current-database\": \"main\"}}}" "$statements_url"
}
