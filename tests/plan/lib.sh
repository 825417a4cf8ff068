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

# statements: what is there, without ages
statements() {
    cf -A -t -c '\ps' | cut -d'|' -f1,2
}

say() {
    echo "# $*"
}
