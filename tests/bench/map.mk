# What maps cost.

$(B)/tests/bench/map: $(B)/tests/bench/map.o $(call archives_of,steering/geo)
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(call libs_of,steering/geo)
.PHONY: bench-map
bench-map: $(B)/tests/bench/map $(geography) $(B)/geo/city.mmdb
	$(B)/tests/bench/map $(geography)
	$(B)/tests/bench/map $(B)/geo/city.mmdb
