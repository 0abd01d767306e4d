/*
 * A state database as the first release made it: the text of its schema, some
 * rows, and the statements by which that release reads and writes.  Nothing
 * here may change: files like this one are on operators' disks.
 */
#ifndef TESTS_FIRST_SCHEMA_H
#define TESTS_FIRST_SCHEMA_H

#define FIRST_SCHEMA                                             \
	"PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;"            \
	"CREATE TABLE vantage ("                                 \
	" name TEXT NOT NULL PRIMARY KEY,"                       \
	" version TEXT NOT NULL,"                                \
	" heartbeat_ms INTEGER NOT NULL,"                        \
	" sequence INTEGER NOT NULL,"                            \
	" removed INTEGER NOT NULL DEFAULT 0,"                   \
	" owner_host TEXT,"                                      \
	" owner_boot TEXT,"                                      \
	" owner_pid INTEGER,"                                    \
	" owner_id TEXT,"                                        \
	" lease_until_ms INTEGER NOT NULL DEFAULT 0"             \
	") STRICT, WITHOUT ROWID;"                               \
	"CREATE TABLE endpoint ("                                \
	" vantage TEXT NOT NULL,"                                \
	" zone TEXT NOT NULL,"                                   \
	" pool TEXT NOT NULL,"                                   \
	" endpoint TEXT NOT NULL,"                               \
	" health TEXT NOT NULL CHECK (health IN ('up', 'down',"  \
	" 'unknown')),"                                          \
	" reason TEXT NOT NULL DEFAULT '',"                      \
	" since_ms INTEGER NOT NULL,"                            \
	" checked_ms INTEGER NOT NULL,"                          \
	" passes INTEGER NOT NULL DEFAULT 0,"                    \
	" fails INTEGER NOT NULL DEFAULT 0,"                     \
	" connect_us INTEGER,"                                   \
	" first_byte_us INTEGER,"                                \
	" sequence INTEGER NOT NULL,"                            \
	" PRIMARY KEY (vantage, zone, pool, endpoint)"           \
	") STRICT, WITHOUT ROWID;"                               \
	"CREATE INDEX endpoint_sequence ON endpoint (sequence);" \
	"CREATE TABLE event ("                                   \
	" sequence INTEGER PRIMARY KEY,"                         \
	" at_ms INTEGER NOT NULL,"                               \
	" vantage TEXT NOT NULL,"                                \
	" zone TEXT NOT NULL,"                                   \
	" pool TEXT NOT NULL,"                                   \
	" endpoint TEXT NOT NULL,"                               \
	" before TEXT NOT NULL,"                                 \
	" after TEXT NOT NULL,"                                  \
	" reason TEXT NOT NULL"                                  \
	") STRICT;"                                              \
	"PRAGMA user_version = 1; COMMIT;"

/* A vantage elsewhere, 400 of its endpoints, 400 events: some pages. */
#define FIRST_ROWS                                                        \
	"BEGIN;"                                                          \
	"INSERT INTO vantage (name, version, heartbeat_ms, sequence)"     \
	" VALUES ('there', '0.1', 1700000000000, 802);"                   \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"  \
	" WHERE i < 400) INSERT INTO endpoint SELECT 'there',"            \
	" 'inference.example', 'chat-v1', 'e' || i, 'down', 'timeout',"   \
	" 1700000000000, 1700000001000, 0, 3, 1200, NULL, i FROM n;"      \
	"WITH RECURSIVE n(i) AS (SELECT 401 UNION ALL SELECT i + 1 FROM"  \
	" n WHERE i < 800) INSERT INTO event SELECT i, strftime('%s',"    \
	" 'now') * 1000, 'there', 'inference.example', 'chat-v1', 'e' ||" \
	" i, 'up', 'down', 'timeout' FROM n;"                             \
	"COMMIT;"

/* What of it must be there for ever; one number. */
#define FIRST_LEFT                                                \
	"SELECT (SELECT count(*) FROM endpoint WHERE vantage ="   \
	" 'there' AND health = 'down' AND fails = 3) + (SELECT"   \
	" count(*) FROM event WHERE vantage = 'there') + (SELECT" \
	" count(*) FROM vantage WHERE name = 'there')"
#define FIRST_LEFT_COUNT 801

/* Its settings, and its statements, each as it is in that release. */
#define FIRST_SETTINGS                                            \
	"PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;"      \
	"PRAGMA cell_size_check = ON; PRAGMA journal_mode = WAL;" \
	"PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000"
#define FIRST_VERSION_CHECK "PRAGMA user_version"
#define FIRST_TOP                                          \
	"SELECT max("                                      \
	"ifnull((SELECT max(sequence) FROM vantage WHERE"  \
	" sequence < 9007199254740992), 0),"               \
	"ifnull((SELECT max(sequence) FROM endpoint WHERE" \
	" sequence < 9007199254740992), 0),"               \
	"ifnull((SELECT max(sequence) FROM event WHERE"    \
	" sequence < 9007199254740992), 0))"
#define FIRST_HOLDER                                          \
	"SELECT owner_host, owner_boot, owner_pid, owner_id," \
	" lease_until_ms, heartbeat_ms FROM vantage WHERE name = ?1"
#define FIRST_TAKE_LEASE                                                     \
	"INSERT INTO vantage (name, version, heartbeat_ms, sequence,"        \
	" owner_host, owner_boot, owner_pid, owner_id, lease_until_ms)"      \
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"                       \
	" ON CONFLICT (name) DO UPDATE SET version = ?2, heartbeat_ms = ?3," \
	" sequence = ?4, owner_host = ?5, owner_boot = ?6, owner_pid = ?7,"  \
	" owner_id = ?8, lease_until_ms = ?9"
#define FIRST_PUT_ENDPOINT                                                     \
	"INSERT INTO endpoint (vantage, zone, pool, endpoint, health, reason," \
	" since_ms, checked_ms, passes, fails, connect_us, first_byte_us,"     \
	" sequence)"                                                           \
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"     \
	" ON CONFLICT DO UPDATE SET health = ?5, reason = ?6, since_ms = ?7,"  \
	" checked_ms = ?8, passes = ?9, fails = ?10, connect_us = ?11,"        \
	" first_byte_us = ?12, sequence = ?13"
#define FIRST_PUT_EVENT \
	"INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
#define FIRST_HEARTBEAT                                        \
	"UPDATE vantage SET heartbeat_ms = ?2, sequence = ?3," \
	" removed = max(removed, ?4), lease_until_ms = ?5"     \
	" WHERE name = ?1"
#define FIRST_VANTAGES                                              \
	"SELECT name, version, heartbeat_ms, sequence FROM vantage" \
	" WHERE sequence > ?1"
#define FIRST_ENDPOINTS                                         \
	"SELECT vantage, zone, pool, endpoint, health, reason," \
	" since_ms, checked_ms, passes, fails, connect_us,"     \
	" first_byte_us, sequence FROM endpoint"                \
	" WHERE sequence > ?1 ORDER BY sequence"

#endif
