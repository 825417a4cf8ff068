EXTRA_DIST += tests/layers.sh tests/summary tests/clients/run
TESTS += tests/layers.sh
