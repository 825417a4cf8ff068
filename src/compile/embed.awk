# Turns files of macros into a table of struct project_builtin.
BEGIN {
    print "/* Made by embed.awk from src/compile/macros. */"
    print "#include \"config.h\"\n"
    print "#include \"compile/internal.h\"\n"
    print "const struct project_builtin compile_builtins[] = {"
}
FNR == 1 {
    if (NR > 1) {
        print "    },"
    }
    name = FILENAME
    sub(/.*\//, "", name)
    package = name == "confluent.sql" ? "dbt_confluent" : "dbt"
    print "    {\"" package "\", \"macros/" name "\","
    files++
}
{
    gsub(/\\/, "&&")
    count = split($0, part, "\"")
    line = part[1]
    for (i = 2; i <= count; i++) {
        line = line "\\\"" part[i]
    }
    print "     \"" line "\\n\""
}
END {
    print "    },\n};"
    print "const size_t compile_builtin_count = " files ";"
}
