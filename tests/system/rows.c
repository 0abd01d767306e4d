/* Tables of endpoints for system tests.  Called by them only. */
#include "tests/system/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for a sanitizer on a busy machine; what is right comes soon. */
#define WAIT_MS 40000

struct file {
	char text[65536];
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
add(struct file *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	f->len += (size_t)vsnprintf(
	    f->text + f->len, sizeof(f->text) - f->len, fmt, args);
	va_end(args);
	ck_assert_uint_lt(f->len, sizeof(f->text));
}

static void
add_check(struct file *f, const struct row *row)
{
	const char *const usual[] = {
	    "every: 500ms", "timeout: 3s", "fall: 1", "rise: 1"};

	add(f, "  %s: {%s", row->name, row->check);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		size_t key = strcspn(usual[i], " ") + 1;
		char name[16];

		snprintf(name, sizeof(name), "%.*s", (int)key, usual[i]);
		if (strstr(row->check, name) == NULL)
			add(f, "%s%s",
			    i > 0 || row->check[0] != '\0' ? ", " : "",
			    usual[i]);
	}
	add(f, "}\n");
}

static void
add_pool(struct file *f, const struct row *row, unsigned number, uint16_t port)
{
	const char *at = row->at != NULL ? row->at : "127.0.0.1";
	bool six = strchr(at, ':') != NULL;
	char address[64], real[64];

	snprintf(real, sizeof(real), six ? "[%s]:%u" : "%s:%u", at, port);
	if (six)
		snprintf(address, sizeof(address), "2001:db8::%u", number + 1);
	else
		snprintf(address, sizeof(address), "10.9.0.%u", number + 1);
	add(f,
	    "  %s:\n    check: %s\n    endpoints:\n"
	    "      - {name: %s, region: us, address: \"%s\", check_at: "
	    "\"%s\", load_at: \"%s\"}\n",
	    row->name, row->name, row->name, address, real, real);
}

void
rows_start(
    struct node *node, const struct row *rows, size_t n, const uint16_t *ports)
{
	static struct file f;

	f.len = 0;
	add(&f, "regions: {us: {at: [39.0, -77.5]}}\nchecks:\n");
	for (size_t i = 0; i < n; i++)
		add_check(&f, &rows[i]);
	add(&f, "pools:\n");
	for (size_t i = 0; i < n; i++)
		add_pool(&f, &rows[i], (unsigned)i, ports[rows[i].server]);
	add(&f, "services: {one: {pool: %s}}\n", rows[0].name);
	harness_write(node->h, "inference.yaml", "%s", f.text);
	node_config(node, "");
	node_records(node, node_zone);
	node_check(node);
}

static const char *
column(struct node *node, const char *name, const char *columns)
{
	char sql[384];

	snprintf(sql, sizeof(sql),
	    "SELECT %s FROM endpoint WHERE endpoint = '%s'", columns, name);
	return node_sql(node, sql);
}

void
rows_expect_state(
    struct node *node, const char *name, const char *health, const char *reason)
{
	int64_t end = harness_ms() + WAIT_MS;
	char is_so[256];

	snprintf(is_so, sizeof(is_so), "health = '%s' AND reason LIKE '%s'",
	    health, reason);
	while (strcmp(column(node, name, is_so), "1\n") != 0) {
		if (harness_ms() > end)
			ck_abort_msg("%s: %snot %s %s", name,
			    column(node, name, "health || ' ' || reason"),
			    health, reason);
		harness_pause();
	}
}

void
rows_expect(struct node *node, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rows_expect_state(
		    node, rows[i].name, rows[i].health, rows[i].reason);
}

static bool
is_up(const struct row *row)
{
	return strcmp(row->health, "up") == 0;
}

void
rows_never_failed(struct node *node, const struct row *rows, size_t n)
{
	char sql[256];
	const char *is;

	for (size_t i = 0; i < n; i++) {
		if (!is_up(&rows[i]))
			continue;
		snprintf(sql, sizeof(sql),
		    "SELECT after || ' ' || reason FROM event "
		    "WHERE endpoint = '%s' AND after <> 'up'",
		    rows[i].name);
		is = node_sql(node, sql);
		ck_assert_msg(is[0] == '\0', "%s: %s", rows[i].name, is);
		ck_assert_str_eq(column(node, rows[i].name, "health"), "up\n");
	}
}

static unsigned
passes(struct node *node, const char *name)
{
	return (unsigned)strtoul(column(node, name, "passes"), NULL, 10);
}

void
rows_go_on(struct node *node, const struct row *rows, size_t n, unsigned checks)
{
	unsigned wanted[64];

	ck_assert_uint_le(n, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < n; i++)
		wanted[i] = passes(node, rows[i].name) + checks;
	for (size_t i = 0; i < n; i++)
		if (is_up(&rows[i]))
			HARNESS_WAIT(
			    WAIT_MS, passes(node, rows[i].name) >= wanted[i]);
}
