# Tests.  A unit test is one file, tests/unit/ROOM/what.c: it is linked with the
# rooms its own room may enter, so that a test cannot hide an arrow.

unit_tests := $(patsubst %.c,$(B)/%,\
	$(wildcard $(rooms:%=tests/unit/%/*.c)))

# Rules for the test $(2) of the room $(1).
define unit_rule
$(B)/tests/unit/$(2): $(B)/tests/unit/$(2).o $(call archives_of,$(1))
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $(call libs_of,$(1)) $$(tests_LIBS)
$(B)/tests/unit/$(2).o: private CPPFLAGS += $(call flags_of,$(1)) \
	$$(tests_CFLAGS)
endef
room_of_test = $(patsubst %/,%,$(dir $(1)))
$(foreach t,$(unit_tests:$(B)/tests/unit/%=%),\
	$(eval $(call unit_rule,$(call room_of_test,$(t)),$(t))))

.PHONY: unit
unit: $(unit_tests) $(geography)
	@for t in $(unit_tests); do $$t || exit 1; done

# What it counts.
$(B)/tests/unit/dns/answer/work: private LDFLAGS += \
	-Wl,--wrap=name_hash,--wrap=name_equal,--wrap=nsec3_hash
