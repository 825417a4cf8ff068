#!/bin/sh
# Compiles the projects of tests/golden/compile/*.case and compares graph, names and SQL
# with what dbt made of them (NAME.expected, by tests/clients/compile_record.py), or,
# where cflowsh deliberately differs, with NAME.ours. UPDATE_GOLDEN=1 writes NAME.ours
# for those that differ. Arguments: names of cases; none = all.
set -u
top=${TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${TOP_BUILDDIR:-.}
cases=$top/tests/golden/compile
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
passed=0
failed=0
skipped=0
cache=${CFLOWSH_CACHE:-$HOME/.cache/cflowsh}
unset DBT_PROFILES_DIR DBT_TARGET DBT_PROJECT_DIR DBT_PROFILE DBT_TARGET_PATH GOLDEN_UNSET

run_case() {
    project=$work/project
    rm -rf "$project"
    mkdir -p "$project"
    cp "$cases/profiles.yml" "$project"
    printf "name: golden\nversion: '1.0'\nprofile: golden\n" >"$project/dbt_project.yml"
    awk -v dir="$project" '
        /^--- / {
            if (out != "") close(out)
            out = dir "/" substr($0, 5)
            parent = out
            sub(/\/[^\/]*$/, "", parent)
            if (!(parent in made)) system("mkdir -p \"" parent "\"")
            made[parent] = 1
            printf "" >out
            next
        }
        { print >out }' "$cases/$1.case"
    if [ -f "$project/needs" ]; then
        for package in $(cat "$project/needs"); do
            [ -d "$cache/$package" ] || return 1
            mkdir -p "$project/dbt_packages"
            cp -R "$cache/$package" "$project/dbt_packages"
        done
    fi
    set --
    if [ -f "$project/flags" ]; then
        set -- $(cat "$project/flags")
    fi
    "$build/tests/tools/project_compile" "$@" "$project" 2>&1 |
        sed "s|$project|PROJECT|g" >"$work/got"
    return 0
}

if [ $# -eq 0 ]; then
    set -- $(cd "$cases" && ls *.case | sed 's/\.case$//')
fi
for name; do
    if ! run_case "$name"; then
        echo "SKIP: $name needs a package in $cache"
        skipped=$((skipped + 1))
        continue
    fi
    expected=$cases/$name.expected
    [ ! -f "$cases/$name.ours" ] || expected=$cases/$name.ours
    if cmp -s "$expected" "$work/got"; then
        passed=$((passed + 1))
    elif [ -n "${UPDATE_GOLDEN:-}" ]; then
        cp "$work/got" "$cases/$name.ours"
    else
        failed=$((failed + 1))
        echo "FAIL: $name"
        diff -u "$expected" "$work/got" | head -"${DIFF_LINES:-20}"
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
