# The benchmark of the packet path; prints a ratio, fails on no figure.

$(B)/tests/bench/packet: $(B)/tests/bench/packet.o
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

.PHONY: bench
bench: all $(B)/tests/bench/packet
	tests/bench/run $(B)
