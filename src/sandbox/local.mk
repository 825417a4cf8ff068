noinst_LIBRARIES += libsandbox.a
libsandbox_a_SOURCES =

bin_PROGRAMS += cflowsh-sandbox
cflowsh_sandbox_SOURCES = src/sandbox/main.c
cflowsh_sandbox_CFLAGS = $(AX_CFLAGS) $(MICROHTTPD_CFLAGS) $(SQLITE_CFLAGS)
cflowsh_sandbox_LDADD = $(sandbox_libs)
