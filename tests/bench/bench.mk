# The benchmark of the packet path; prints a ratio, fails on no figure.

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
