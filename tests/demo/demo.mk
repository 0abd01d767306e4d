# The stand-in inference server of `make run` and of the system tests.

$(B)/tests/demo/standin.o: private CPPFLAGS += $(dns_CFLAGS) $(steering_CFLAGS)
$(B)/tests/demo/standin: $(B)/tests/demo/standin.o $(B)/base/room.a
	$(call say,link)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(base_LIBS) $(dns_LIBS) $(steering_LIBS)
