# Fuzz targets.  One is a file, tests/fuzz/ROOM/what.c, with libFuzzer's
# LLVMFuzzerTestOneInput(); it is linked with the rooms its room may enter, and
# its corpus is the folder tests/fuzz/corpus/ROOM/what.
#
#   make replay   runs each corpus once through its target (part of `check`)
#   make fuzz     builds the fuzzers into build-fuzz/ with clang
#
# Then: build-fuzz/tests/fuzz/ROOM/what CORPUS

fuzz_names := $(patsubst tests/fuzz/%.c,%,\
	$(wildcard $(rooms:%=tests/fuzz/%/*.c)))
replay_tests := $(fuzz_names:%=$(B)/tests/fuzz/replay/%)
fuzz_targets := $(fuzz_names:%=$(B)/tests/fuzz/%)

# Rules for the target $(2) of the room $(1).
define fuzz_rule
$(B)/tests/fuzz/$(2).o: private CPPFLAGS += $(call flags_of,$(1)) \
	$$(tests_CFLAGS)
$(B)/tests/fuzz/replay/$(2): $(B)/tests/fuzz/$(2).o $(B)/tests/fuzz/replay.o \
		$(call archives_of,$(1))
	@mkdir -p $$(@D)
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $(call libs_of,$(1))
$(B)/tests/fuzz/$(2): $(B)/tests/fuzz/$(2).o $(call archives_of,$(1))
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -fsanitize=fuzzer -o $$@ $$^ \
	    $(call libs_of,$(1))
endef
$(foreach t,$(fuzz_names),$(eval $(call fuzz_rule,$(call room_of_test,$(t)),$(t))))

.PHONY: replay fuzz fuzz-targets
beside_tests += $(replay_tests)
replay tests: $(replay_tests)
replay:
	$(Q)tests/tools/suite $(B) $(replay_tests)

fuzz-targets: $(fuzz_targets)
# The rooms are compiled for the fuzzer too: it steers by their edges.
fuzz:
	$(Q)$(MAKE) --no-print-directory fuzz-targets B=build-fuzz CC=clang \
	    SANITIZE=fuzzer-no-link,address,undefined
