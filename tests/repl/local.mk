repl_transcripts = \
	tests/repl/complete.repl \
	tests/repl/editor.repl \
	tests/repl/eof.repl \
	tests/repl/errors.repl \
	tests/repl/history.repl \
	tests/repl/interrupt.repl \
	tests/repl/live.repl \
	tests/repl/names.repl \
	tests/repl/pager.repl \
	tests/repl/paste.repl \
	tests/repl/prompt.repl \
	tests/repl/query.repl \
	tests/repl/rc.repl \
	tests/repl/refresh.repl \
	tests/repl/refresh_readers.repl
noinst_PROGRAMS += tests/repl/pty
tests_repl_pty_SOURCES = tests/repl/pty.c
EXTRA_DIST += tests/repl/run tests/repl/leaks $(repl_transcripts)
TESTS += tests/repl/run
