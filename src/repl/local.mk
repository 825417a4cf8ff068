noinst_LIBRARIES += librepl.a
librepl_a_SOURCES =
