# The benchmark of the packet path; prints a ratio, fails on no figure.  The
# instructions of a query are counted by the second script, which has a limit.

$(B)/tests/bench/packet: $(B)/tests/bench/packet.o
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

.PHONY: bench
bench: all $(B)/tests/bench/packet
	tests/bench/run $(B)

# A database as large as MaxMind's City, made from a seed.

city := $(B)/geo/city.mmdb
$(B)/tests/bench/make-city: $(B)/tests/bench/make-city.o \
		$(B)/tests/bench/city.o $(call archives_of,steering/geo)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering/geo)
$(city): $(B)/tests/bench/make-city $(geography)
	$(Q)$(B)/tests/bench/make-city $(geography) 1 $@

# What a change of health costs.  It starts a node as system tests do.

$(B)/tests/bench/publish.o: private CPPFLAGS += $(tests_CFLAGS)
$(B)/tests/bench/publish: $(B)/tests/bench/publish.o \
		$(B)/tests/system/harness.a $(B)/base/room.a
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(tests_LIBS) $(base_LIBS)

# Whether the probe can check ten thousand endpoints on one core.

bench_probe := $(B)/tests/bench/probe
$(patsubst %,$(B)/tests/bench/%.o,probe many asker): private CPPFLAGS += \
	$(tests_CFLAGS) $(probes/ask_CFLAGS)
$(bench_probe): $(patsubst %,$(B)/tests/bench/%.o,probe many asker) \
		$(B)/tests/system/harness.a $(B)/base/room.a
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(tests_LIBS) $(probes/ask_LIBS) $(base_LIBS)

.PHONY: bench-probe
bench-probe: all $(bench_probe)
	$(Q)TEST_TIMEOUT=1800 tests/tools/suite $(B) $(bench_probe)

# Those that have a limit, which is that of a program as it is installed.
ifeq ($(SANITIZE),)
long_benches += tests/bench/instructions tests/bench/query-log \
	$(B)/tests/bench/publish $(bench_probe)
check-long: $(B)/tests/bench/packet $(B)/tests/bench/publish $(bench_probe)
endif

# What sharing through etcd costs, and how soon all nodes know.

bench_share := $(B)/tests/bench/share
share_writers := $(B)/tests/bench/share-writers
$(B)/tests/bench/share.o: private CPPFLAGS += $(tests_CFLAGS)
$(bench_share): $(B)/tests/bench/share.o $(B)/tests/system/harness.a \
		$(B)/base/room.a | $(share_writers)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(tests_LIBS) $(base_LIBS)
$(B)/tests/bench/share_writers.o: private CPPFLAGS += $(call flags_of,share)
$(share_writers): $(B)/tests/bench/share_writers.o $(call archives_of,share)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,share)

.PHONY: bench-share
bench-share: all $(bench_share) $(standin)
	$(Q)FULL=1 TEST_TIMEOUT=1800 tests/tools/suite $(B) $(bench_share)

# What resolvers keep of steered answers: entries, and errors of splits.

scopes := $(B)/tests/bench/scopes
$(B)/tests/bench/%.o: private CPPFLAGS += $(call flags_of,steering)
$(scopes): $(patsubst %,$(B)/tests/bench/%.o,scopes steered population) \
		$(call archives_of,steering)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering)

# How often resolvers answer from their caches.

hits := $(B)/tests/bench/hits
$(hits): $(patsubst %,$(B)/tests/bench/%.o,hits steered population) \
		$(call archives_of,steering)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering)

# How long a simulation takes.

bench_simulate := $(B)/tests/bench/simulate
$(bench_simulate): $(B)/tests/bench/simulate.o \
		$(call archives_of,steering/simulate)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering/simulate)

# How the control law holds with many regions.

bench_regions := $(B)/tests/bench/regions
$(B)/tests/bench/regions.o: private CPPFLAGS += $(tests_CFLAGS)
$(bench_regions): $(B)/tests/bench/regions.o \
		$(call archives_of,steering/simulate)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering/simulate) \
		$(tests_LIBS)

.PHONY: bench-regions
bench-regions: $(bench_regions) $(geography)
	$(Q)B=$(B) $(bench_regions) $(BENCH_ARGS)

.PHONY: bench-simulate
bench-simulate: $(bench_simulate) $(geography)
	$(Q)FULL=1 B=$(B) $(bench_simulate)

# How large a year of history is, and how long it takes to write, to ask and to
# report.

bench_history := $(B)/tests/bench/history
$(bench_history): $(B)/tests/bench/history.o $(call archives_of,state/history)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,state/history) -lm

.PHONY: bench-history
bench-history: all $(bench_history)
	$(Q)FULL=1 B=$(B) $(bench_history)

# Cuts of these are tests.  Under sanitizers they would take minutes and find
# nothing that the unit tests of the ladder do not.
ifeq ($(SANITIZE),)
beside_tests += $(scopes) $(hits) $(bench_simulate) $(bench_history)
long_benches += $(scopes) $(hits) $(bench_simulate) $(bench_history) \
	$(bench_share)
waiting_tests += $(bench_share)
tests: $(scopes) $(hits) $(bench_simulate) $(bench_history) $(city) \
	$(bench_share)
endif

.PHONY: bench-scopes
bench-scopes: $(scopes) $(geography) $(city)
	$(Q)FULL=1 B=$(B) $(scopes) $(DATABASES)

.PHONY: bench-hits
bench-hits: $(hits) $(geography)
	$(Q)FULL=1 B=$(B) $(hits)
