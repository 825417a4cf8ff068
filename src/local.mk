bin_PROGRAMS += cflowsh
cflowsh_SOURCES = src/main.c
cflowsh_LDADD = $(repl_libs)
