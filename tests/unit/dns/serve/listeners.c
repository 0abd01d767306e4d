/* The listening sockets: what they are tuned to, and what is refused. */
#include "dns/serve/listeners.h"

#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

/* An address that is free now. */
static struct endpoint_address
free_address(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	struct endpoint_address at;
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	address_from_sockaddr((struct sockaddr *)&sa, &at.address);
	at.port = ntohs(sa.sin_port);
	close(fd);
	return at;
}

/* Fast open is on, and what the kernel holds of a connection is bounded: twice
 * what was asked for, which is how it says it. */
START_TEST(tunes_tcp)
{
	struct endpoint_address at = free_address();
	struct errbuf eb;
	struct listener *l;

	errbuf_init(&eb);
	l = listeners_open(&at, 1, 2, &eb);
	ck_assert_msg(l != NULL, "%s", eb.text);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_gt(
		    option(l[i].tcp, IPPROTO_TCP, TCP_FASTOPEN), 0);
		ck_assert_int_le(
		    option(l[i].tcp, SOL_SOCKET, SO_RCVBUF), 64 << 10);
		ck_assert_int_le(
		    option(l[i].tcp, SOL_SOCKET, SO_SNDBUF), 128 << 10);
		ck_assert_int_gt(
		    option(l[i].tcp, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
	}
	listeners_close(l, 2);
}
END_TEST

/* A second server on the address is told so. */
START_TEST(shares_with_nobody)
{
	struct endpoint_address at = free_address();
	struct errbuf eb;
	struct listener *l;

	errbuf_init(&eb);
	l = listeners_open(&at, 1, 1, &eb);
	ck_assert_ptr_nonnull(l);
	ck_assert_ptr_null(listeners_open(&at, 1, 1, &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "Address already in use"));
	listeners_close(l, 1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dns_listeners");
	TCase *t = tcase_create("listeners");
	SRunner *r;
	int failed;

	tcase_add_test(t, tunes_tcp);
	tcase_add_test(t, shares_with_nobody);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
