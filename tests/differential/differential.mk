# The differential test: generated zones in Meridian, NSD and Knot DNS.
#
#   make differential               2,000 zones; takes some minutes
#   make differential SEED=7 ZONES=500
#
# `make check` runs it with few zones, always the same.

SEED := 1
ZONES := 2000

differential := $(B)/tests/differential/differential
differential_objects := $(patsubst %.c,$(B)/%.o,\
	$(wildcard tests/differential/*.c))
$(differential): $(differential_objects)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(tests_LIBS)
$(B)/tests/differential/%.o: private CPPFLAGS += $(tests_CFLAGS)

.PHONY: differential
check_tests += $(differential)
tests: $(differential)
differential: all $(differential)
	$(Q)B=$(B) $(differential) -s $(SEED) -n $(ZONES)
