/*
 * Publishing under threads: readers never see a part that was freed, whatever
 * the writer does meanwhile.  Of most use under the address and the thread
 * sanitizer.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/counter.h"
#include "base/publish.h"

#define READERS 3
#define CHANGES 2000

struct part {
	int number, twice;
};

static struct published slot;
static atomic_bool stop;
static struct reader {
	pthread_t thread;
	counter seen;
	int wrong;
} readers[READERS];

static void *
read_on(void *argument)
{
	struct reader *r = argument;

	publish_join();
	while (!atomic_load(&stop)) {
		const struct part *part = publish_get(&slot);

		r->wrong += part->twice != 2 * part->number;
		counter_add(&r->seen, 1);
		publish_offline();
		publish_online();
	}
	publish_leave();
	return NULL;
}

static struct part *
make_part(int number)
{
	struct part *part = malloc(sizeof(*part));

	part->number = number;
	part->twice = 2 * number;
	return part;
}

START_TEST(test_replace)
{
	publish_set(&slot, make_part(0));
	for (int i = 0; i < READERS; i++)
		pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
	for (int i = 1; i <= CHANGES; i++) {
		struct part *before = publish_set(&slot, make_part(i));

		publish_wait();
		before->twice = -1;
		free(before);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		ck_assert_int_eq(readers[i].wrong, 0);
	}
	free(slot.pointer);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_publish");
	TCase *tc = tcase_create("publish");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_replace);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
