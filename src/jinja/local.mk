noinst_LIBRARIES += libjinja.a
libjinja_a_SOURCES =
