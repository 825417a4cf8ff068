noinst_LIBRARIES += libjinja.a
libjinja_a_SOURCES = \
	src/jinja/jinja.h \
	src/jinja/object.h
libjinja_a_CFLAGS = $(AX_CFLAGS) $(PCRE2_CFLAGS) $(GMP_CFLAGS)
