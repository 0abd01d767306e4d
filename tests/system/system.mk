# System tests: C programs, tests/system/what_test.c, that start the real
# programs on loopback ports and ask them; harness.h is what they have in common.

system_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/system/*_test.c))

# Some call the client of etcd itself.
etcd_test_needs := share/etcd transfer
etcd_hostile_test_needs := share/etcd transfer
etcd_members_test_needs := share/etcd transfer
etcd_users_test_needs := share/etcd transfer

define system_rule
$(1): $(1).o $(B)/tests/system/harness.a $(call archives_of,$(notdir $(1))) \
		$(B)/base/room.a
	$$(call say,link)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(tests_LIBS) $$(base_LIBS)
endef
$(foreach t,$(system_tests),$(eval $(call system_rule,$(t))))
# One asks for each country.
$(B)/tests/system/latency_answers_test: $(B)/config/country.o

system_harness := $(patsubst %.c,$(B)/%.o,\
	$(filter-out %_test.c %/exec_self.c %/moved_clock.c %/seen_closes.c,$(wildcard tests/system/*.c)))
$(B)/tests/system/harness.a: $(system_harness)
	@rm -f $@
	@$(AR) rcs $@ $^
$(B)/tests/system/%.o: private CPPFLAGS += $(tests_CFLAGS)

# What is loaded into programs: one runs under valgrind, where a program does not
# find itself, one moves clocks, and see check-threads.
preloaded := $(patsubst %,$(B)/tests/system/%.so,exec_self moved_clock seen_closes)
$(B)/tests/system/memcheck_test: | $(B)/tests/system/exec_self.so
$(B)/tests/system/regions_random_test $(B)/tests/system/share_fill_test: \
    | $(B)/tests/system/moved_clock.so
thread-tests: $(B)/tests/system/seen_closes.so
# Shells load that one, too.
$(B)/tests/system/seen_closes.so: private CFLAGS := $(filter-out -fsanitize=%,$(CFLAGS))
$(preloaded): $(B)/tests/system/%.so: tests/system/%.c
	@mkdir -p $(@D)
	$(call say,link)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

# One follows a database of the size of those of cities.
system tests: $(B)/geo/city.mmdb

# One has a browser look at the page by the rules of axe-core, or is skipped.
system tests: axe
.PHONY: axe
axe: installed
	@mkdir -p $(B)
	@[ -e $(B)/axe.min.js ] || tests/browser/axe $(B)/axe.min.js

# Those that promise no time and count no seconds run side by side.
system_beside := $(filter $(patsubst %,$(B)/tests/system/%_test,check check_json cookie edns \
	etcd etcd_hostile etcd_members etcd_users follow grpc hand_json \
	haproxy harness help maps mistakes nginx places preset_list resolver s_server \
	serving simulate steering top validator zones),$(system_tests))
# Those that promise so exact a time that each needs a core for itself.
system_exact := $(filter $(patsubst %,$(B)/tests/system/%_test,api changes \
	detection failover flapping hooks https metrics overrides pages platform \
	replacement resolver_health schedule strangers),$(system_tests))
# Those that have so much to do that they need the machine for themselves.
system_alone := $(filter $(patsubst %,$(B)/tests/system/%_test,diff hostile \
	latency_import limit memcheck reload scale),$(system_tests))
# The others have seconds for what they promise, and wait for most of their time.
system_waiting := $(filter-out $(system_beside) $(system_exact) $(system_alone),\
	$(system_tests))

.PHONY: system
beside_tests += $(system_beside)
waiting_tests += $(system_waiting)
exact_tests += $(system_exact)
check_tests += $(system_alone)
system tests: all $(system_tests)
system:
	$(Q)tests/tools/suite $(B) $(system_beside) -- $(system_waiting) $(waited) \
	    $(system_exact) $(exact) $(system_alone)
