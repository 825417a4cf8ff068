noinst_PROGRAMS += tests/shell/words
tests_shell_words_SOURCES = tests/shell/words.c
tests_shell_words_LDADD = $(shell_libs)
noinst_PROGRAMS += tests/shell/tables
tests_shell_tables_SOURCES = tests/shell/tables.c
tests_shell_tables_LDADD = $(shell_libs)
EXTRA_DIST += \
	tests/shell/cases \
	tests/shell/coverage \
	tests/shell/examples \
	tests/shell/formats \
	tests/shell/formats.ours \
	tests/shell/formats.psql \
	tests/shell/man \
	tests/shell/run
TESTS += \
	tests/shell/coverage \
	tests/shell/examples \
	tests/shell/formats \
	tests/shell/man \
	tests/shell/run
dist_man_MANS += man/cflowsh.1
dist_man_MANS += man/cflowsh-project.5
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = completions/cflowsh
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = completions/_cflowsh
