# Fuzz targets.  One is a file, tests/fuzz/ROOM_what.c, with libFuzzer's
# LLVMFuzzerTestOneInput(); it is linked with the rooms its room may enter, and
# its corpus is the folder tests/fuzz/corpus/ROOM_what.
#
#   make replay   runs each corpus once through its target (part of `check`)
#   make fuzz     builds the fuzzers into build-fuzz/ with clang
#
# Then: build-fuzz/tests/fuzz/ROOM_what CORPUS

fuzz_names := $(basename $(notdir $(wildcard tests/fuzz/*_*.c)))
replay_tests := $(fuzz_names:%=$(B)/tests/fuzz/replay_%)
fuzz_targets := $(fuzz_names:%=$(B)/tests/fuzz/%)

define fuzz_rule
$(B)/tests/fuzz/$(1).o: private CPPFLAGS += \
	$(foreach r,$($(call room_of_test,$(1))_needs),$($(r)_CFLAGS)) \
	$$(tests_CFLAGS)
$(B)/tests/fuzz/replay_$(1): $(B)/tests/fuzz/$(1).o \
		$(B)/tests/fuzz/replay.o \
		$(call archives_of,$(call room_of_test,$(1)))
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ \
	    $(call libs_of,$(call room_of_test,$(1)))
$(B)/tests/fuzz/$(1): $(B)/tests/fuzz/$(1).o \
		$(call archives_of,$(call room_of_test,$(1)))
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -fsanitize=fuzzer -o $$@ $$^ \
	    $(call libs_of,$(call room_of_test,$(1)))
endef
$(foreach t,$(fuzz_names),$(eval $(call fuzz_rule,$(t))))

.PHONY: replay fuzz fuzz-targets
beside_tests += $(replay_tests)
replay check: $(replay_tests)
replay:
	$(Q)tests/tools/suite $(B) $(replay_tests)

fuzz-targets: $(fuzz_targets)
# The rooms are compiled for the fuzzer too: it steers by their edges.
fuzz:
	$(Q)$(MAKE) --no-print-directory fuzz-targets B=build-fuzz CC=clang \
	    SANITIZE=fuzzer-no-link,address,undefined
