# Tests.  A unit test is one file, tests/unit/ROOM_what.c: it is linked with
# the rooms its own room may enter, so that a test cannot hide an arrow.

room_of_test = $(firstword $(subst _, ,$(notdir $(1))))
unit_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_*.c))

define unit_rule
$(B)/tests/unit/$(1): $(B)/tests/unit/$(1).o \
		$(call archives_of,$(call room_of_test,$(1)))
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ \
	    $(call libs_of,$(call room_of_test,$(1))) $$(tests_LIBS)
$(B)/tests/unit/$(1).o: private CPPFLAGS += \
	$(foreach r,$($(call room_of_test,$(1))_needs),$($(r)_CFLAGS)) \
	$$(tests_CFLAGS)
endef
$(foreach t,$(notdir $(unit_tests)),$(eval $(call unit_rule,$(t))))

.PHONY: unit
unit: $(unit_tests) $(geography)
	@for t in $(unit_tests); do $$t || exit 1; done

# What it counts.
$(B)/tests/unit/dns_work: private LDFLAGS += \
	-Wl,--wrap=name_hash,--wrap=name_equal,--wrap=nsec3_hash
