#!/bin/sh
# Fails when a room includes a room that it may not see (design: arrows go down only),
# or when a library's header is used outside the one room that owns it.
set -eu
cd "${TOP_SRCDIR:-$(dirname "$0")/..}"
bad=$(awk '
BEGIN {
    may["base"] = ""
    may["value"] = "base"
    may["sql"] = "base"
    may["jinja"] = "base value"
    may["project"] = "base value jinja"
    may["compile"] = "base value sql jinja project"
    may["flink"] = "base value"
    may["drift"] = "base sql"
    may["plan"] = "base value sql project compile flink drift"
    may["run"] = "base value sql project compile flink plan"
    may["shell"] = "base value sql jinja project compile flink drift plan run"
    may["repl"] = "base value sql project flink shell"
    may["sandbox"] = "base value sql"
    owner["curl/"] = "flink"; owner["yaml.h"] = "value"
    owner["readline/"] = "repl"; owner["microhttpd.h"] = "sandbox"
    owner["sqlite3.h"] = "sandbox"; owner["pcre2.h"] = "jinja compile sandbox"
    owner["term.h"] = "base"; owner["curses.h"] = "base"
}
FNR == 1 { n = split(FILENAME, part, "/"); room = n > 2 ? part[2] : "main" }
/^#include "[a-z]+\// {
    split($2, inc, /["\/]/); target = inc[2]
    if (room != "main" && target != room && \
        index(" " may[room] " ", " " target " ") == 0)
        print FILENAME ":" FNR ": " room " may not include " target
}
/^#include </ {
    header = substr($2, 2)
    for (lib in owner)
        if (index(header, lib) == 1 && \
                index(" " owner[lib] " ", " " room " ") == 0)
            print FILENAME ":" FNR ": only " owner[lib] " may use <" header
}' $(find src -name '*.[ch]' | sort))
if [ -n "$bad" ]; then
    echo "$bad"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "1 passed, 0 failed"
