noinst_PROGRAMS += tests/shell/words
tests_shell_words_SOURCES = tests/shell/words.c
tests_shell_words_LDADD = $(shell_libs)
EXTRA_DIST += tests/shell/run tests/shell/man tests/shell/cases
TESTS += tests/shell/run tests/shell/man
dist_man_MANS += man/cflowsh.1
