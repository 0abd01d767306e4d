/*
 * The tables of a history of traffic, and the views by which a person reads
 * them.  Used by its writer and its reader.
 */
#include "state/history/schema.h"

/*
 * Counts of a path of answers (service, pool, region, reason) are rows of
 * packed digits (packed.h): 60 minutes of an hour, 24 hours of a day, the days
 * of a month.  A row a count would need ten times the room: its key is longer
 * than it.
 */
#define TABLES                                                                 \
	"CREATE TABLE name (id INTEGER PRIMARY KEY,"                           \
	" text TEXT NOT NULL UNIQUE) STRICT;"                                  \
	"CREATE TABLE path (id INTEGER PRIMARY KEY, service INTEGER NOT NULL," \
	" pool INTEGER NOT NULL, region INTEGER NOT NULL,"                     \
	" reason INTEGER NOT NULL, UNIQUE (service, pool, region, reason))"    \
	" STRICT;"                                                             \
	"CREATE TABLE batch (node INTEGER PRIMARY KEY, run INTEGER NOT NULL,"  \
	" number INTEGER NOT NULL, minute INTEGER NOT NULL,"                   \
	" sample INTEGER NOT NULL) STRICT;"                                    \
	"CREATE TABLE counted (hour INTEGER PRIMARY KEY,"                      \
	" minutes INTEGER NOT NULL) STRICT;"                                   \
	"CREATE TABLE sampled (day INTEGER PRIMARY KEY,"                       \
	" one_in INTEGER NOT NULL) STRICT;"                                    \
	"CREATE TABLE failover (id INTEGER PRIMARY KEY,"                       \
	" wall_ms INTEGER NOT NULL, service INTEGER NOT NULL,"                 \
	" pool INTEGER NOT NULL, endpoint INTEGER NOT NULL,"                   \
	" back INTEGER NOT NULL) STRICT;"                                      \
	"CREATE INDEX failover_time ON failover (wall_ms);"
#define SERIES                                                       \
	"CREATE TABLE traffic_minutes (hour INTEGER, path INTEGER,"  \
	" answers BLOB NOT NULL, PRIMARY KEY (hour, path))"          \
	" STRICT, WITHOUT ROWID;"                                    \
	"CREATE TABLE traffic_hours (day INTEGER, path INTEGER,"     \
	" answers BLOB NOT NULL, PRIMARY KEY (day, path))"           \
	" STRICT, WITHOUT ROWID;"                                    \
	"CREATE TABLE traffic_days (month INTEGER, path INTEGER,"    \
	" answers BLOB NOT NULL, subnets BLOB,"                      \
	" PRIMARY KEY (month, path)) STRICT, WITHOUT ROWID;"         \
	"CREATE TABLE scope_days (month INTEGER, service INTEGER,"   \
	" family INTEGER, length INTEGER, answers BLOB NOT NULL,"    \
	" PRIMARY KEY (month, service, family, length))"             \
	" STRICT, WITHOUT ROWID;"                                    \
	"CREATE TABLE country_days (month INTEGER, service INTEGER," \
	" country INTEGER, region INTEGER, samples BLOB NOT NULL,"   \
	" PRIMARY KEY (month, service, country, region))"            \
	" STRICT, WITHOUT ROWID;"                                    \
	"CREATE TABLE as_days (month INTEGER, service INTEGER,"      \
	" number INTEGER, samples BLOB NOT NULL,"                    \
	" PRIMARY KEY (month, service, number)) STRICT, WITHOUT ROWID;"
/* Days that are not over: the largest of them are not known yet. */
#define OPEN                                                          \
	"CREATE TABLE country_open (day INTEGER, service INTEGER,"    \
	" country INTEGER, region INTEGER, samples INTEGER NOT NULL," \
	" PRIMARY KEY (day, service, country, region))"               \
	" STRICT, WITHOUT ROWID;"                                     \
	"CREATE TABLE as_open (day INTEGER, service INTEGER,"         \
	" number INTEGER, samples INTEGER NOT NULL,"                  \
	" PRIMARY KEY (day, service, number)) STRICT, WITHOUT ROWID;"

/* --- views --- */

/* The numbers that a view cuts rows of counts by. */
#define SLOTS                                                    \
	"CREATE TABLE slot (n INTEGER PRIMARY KEY) STRICT;"      \
	"WITH RECURSIVE up(n) AS (VALUES (0) UNION ALL SELECT"   \
	" n + 1 FROM up WHERE n < 59) INSERT INTO slot SELECT n" \
	" FROM up;"

/* Count number slot.n of the ${n} in ${row}. */
#define COUNT(row, n)                                                   \
	" CAST(substr(hex(" row "), slot.n * (length(" row ") * 2 / " n \
	") + 1, length(" row ") * 2 / " n ")"                           \
	" AS INTEGER) "
/* The day number slot.n of its month. */
#define DATE                                             \
	" printf('%04d-%02d-%02d', 1970 + t.month / 12," \
	" t.month % 12 + 1, slot.n + 1) "
#define PATH                                                    \
	" s.text AS service, p.text AS pool, r.text AS region," \
	" w.text AS reason,"
#define JOIN_PATH                                  \
	" JOIN slot JOIN path ON path.id = t.path" \
	" JOIN name s ON s.id = path.service"      \
	" JOIN name p ON p.id = path.pool"         \
	" JOIN name r ON r.id = path.region"       \
	" JOIN name w ON w.id = path.reason"
#define JOIN_SERVICE " JOIN name s ON s.id = t.service"
#define JOIN_COUNTRY                       \
	JOIN_SERVICE                       \
	" JOIN name c ON c.id = t.country" \
	" JOIN name r ON r.id = t.region"
/* Months have no more days; rows of them have an even number of places. */
#define DAYS " WHERE slot.n < 31"
#define JOIN_SAMPLED                               \
	" JOIN slot JOIN sampled ON sampled.day =" \
	" unixepoch(" DATE ") / 86400"
#define JOIN_OPEN " JOIN sampled ON sampled.day = t.day"
#define OPEN_DATE " date(t.day * 86400, 'unixepoch')"

static const char *const sql[] = {TABLES, SERIES, OPEN, SLOTS,
    "CREATE VIEW traffic_minute AS SELECT * FROM (SELECT t.hour,"
    " strftime('%Y-%m-%dT%H:%MZ', t.hour * 3600 + slot.n * 60,"
    " 'unixepoch') AS at," PATH COUNT(
	"t.answers", "60") "AS answers FROM traffic_minutes t" JOIN_PATH
			   " WHERE slot.n < 60) WHERE answers > 0",
    "CREATE VIEW traffic_hour AS SELECT * FROM (SELECT t.day,"
    " strftime('%Y-%m-%dT%H:00Z', t.day * 86400 + slot.n * 3600,"
    " 'unixepoch') AS at," PATH COUNT(
	"t.answers", "24") "AS answers FROM traffic_hours t" JOIN_PATH
			   " WHERE slot.n < 24) WHERE answers > 0",
    "CREATE VIEW traffic_day AS SELECT * FROM (SELECT t.month," DATE
    "AS at," PATH COUNT("t.answers", "32") "AS answers, ifnull(" COUNT(
	"t.subnets", "32") ", 0) AS subnets FROM traffic_days t" JOIN_PATH DAYS
			   ") WHERE answers > 0",
    "CREATE VIEW scope_day AS SELECT * FROM (SELECT t.month," DATE
    "AS at, s.text AS service, t.family, t.length," COUNT("t.answers",
	"32") "AS answers FROM scope_days t JOIN slot" JOIN_SERVICE DAYS
	      ") WHERE answers > 0",
    "CREATE VIEW country_day AS SELECT * FROM (SELECT" DATE
    "AS at, s.text AS service, c.text AS country, r.text AS region," COUNT(
	"t.samples",
	"32") "AS samples, sampled.one_in"
	      " FROM country_days t" JOIN_SAMPLED JOIN_COUNTRY DAYS
	      " UNION ALL SELECT" OPEN_DATE
	      ", s.text, c.text, r.text, t.samples,"
	      " sampled.one_in FROM country_open t" JOIN_OPEN JOIN_COUNTRY
	      ") WHERE samples > 0",
    "CREATE VIEW as_day AS SELECT * FROM (SELECT" DATE
    "AS at, s.text AS service, t.number," COUNT("t.samples",
	"32") "AS samples, sampled.one_in FROM as_days t" JOIN_SAMPLED
	JOIN_SERVICE DAYS " UNION ALL SELECT" OPEN_DATE
	      ", s.text, t.number, t.samples,"
	      " sampled.one_in FROM as_open t" JOIN_OPEN JOIN_SERVICE
	      ") WHERE samples > 0",
    "CREATE VIEW failovers AS SELECT"
    " strftime('%Y-%m-%dT%H:%M:%SZ', f.wall_ms / 1000, 'unixepoch')"
    " AS at, f.wall_ms, s.text AS service, p.text AS pool,"
    " e.text AS endpoint, f.back FROM failover f"
    " JOIN name s ON s.id = f.service JOIN name p ON p.id = f.pool"
    " JOIN name e ON e.id = f.endpoint",
    NULL};

const struct schema history_schema = {.version = 1,
    .application_id = HISTORY_APPLICATION_ID,
    .maker = "meridiand",
    .sql = sql};
