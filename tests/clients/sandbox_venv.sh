# Sourced by the sandbox's checks: a venv with the official clients and their sdists.
# Sets VENV and SDIST; exits 77 when no package index can be reached.
CACHE=${CFLOWSH_CACHE:-$HOME/.cache/cflowsh}/sandbox-clients-1
VENV=$CACHE/venv
SDIST=$CACHE/sdist
if [ ! -f "$CACHE/ready" ]; then
    rm -rf "$CACHE"
    mkdir -p "$CACHE"
    if ! python3 -m venv "$VENV" ||
        ! "$VENV/bin/pip" -q install 'dbt-confluent==0.4.1' 'confluent-sql==0.6.0' \
            'dbt-core==1.11.*' dbt-tests-adapter pytest pytest-mock pytest-dotenv \
            python-dotenv ||
        ! "$VENV/bin/pip" -q download --no-deps --no-binary :all: -d "$SDIST" \
            'dbt-confluent==0.4.1' 'confluent-sql==0.6.0'; then
        echo "no package index within reach: skipped"
        exit 77
    fi
    for archive in "$SDIST"/*.tar.gz; do
        tar xzf "$archive" -C "$SDIST"
    done
    touch "$CACHE/ready"
fi
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# sandbox_run NAME COMMAND...: runs a command against a sandbox of its own.
sandbox_run() {
    name=$1
    shift
    "$CFLOWSH_SANDBOX" --port 0 --port-file "$WORK/$name.port" --pending 5-20 -q &
    sandbox=$!
    while [ ! -s "$WORK/$name.port" ]; do
        kill -0 "$sandbox" || return 1
        sleep 0.1
    done
    SANDBOX_ENDPOINT=http://127.0.0.1:$(cat "$WORK/$name.port") \
        CONFLUENT_ENV_ID=env-sandbox \
        CONFLUENT_ORG_ID=00000000-0000-4000-8000-000000000000 \
        CONFLUENT_CLOUD_PROVIDER=aws CONFLUENT_CLOUD_REGION=us-east-1 \
        CONFLUENT_TEST_DBNAME=main CONFLUENT_COMPUTE_POOL_ID=lfcp-sandbox \
        CONFLUENT_FLINK_API_KEY=key CONFLUENT_FLINK_API_SECRET=secret USER=tester \
        PYTHONPATH="$TOP_SRCDIR/tests/clients" "$@" || true
    kill "$sandbox"
    wait "$sandbox" || true
}

# sandbox_suite NAME PYTEST_ARGUMENT...: output in $WORK/NAME.out
sandbox_suite() {
    suite=$1
    shift
    sandbox_run "$suite" "$VENV/bin/python" -m pytest -p sandbox_endpoint -q -rf \
        --no-header -p no:cacheprovider -W ignore --tb=short -o addopts= \
        --basetemp "$WORK/$suite.tmp" "$@" >"$WORK/$suite.out" 2>&1
}

# sandbox_count WORD: sum over the last lines of all suites
sandbox_count() {
    cat "$WORK"/*.out | grep -E '^(=+ )?[0-9]+ (passed|failed|skipped|deselected)' |
        grep -oE "[0-9]+ $1" | awk '{n += $1} END {print n + 0}'
}

# sandbox_verdict PASSED: prints the sums; fails below the mark.
sandbox_verdict() {
    passed=$(sandbox_count passed)
    failed=$(($(sandbox_count failed) + $(sandbox_count errors?)))
    grep -hE '^(FAILED|ERROR)' "$WORK"/*.out || true
    echo "$passed passed, $failed failed, $(sandbox_count skipped) skipped (mark: $1)"
    [ "$passed" -ge "$1" ]
}
