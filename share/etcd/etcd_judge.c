/*
 * What an answer that is no success means; see etcd_judge.h.  etcd has a few
 * codes, those of gRPC, for many things: the words tell them apart, which are
 * the same since etcd 3.0 (api/v3rpc/rpctypes of etcd).
 */
#include "share/etcd/etcd_judge.h"

#include <stdio.h>

/* Codes of gRPC. */
enum {
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_NOT_FOUND = 5,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_FAILED_PRECONDITION = 9,
	GRPC_OUT_OF_RANGE = 11,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_UNAUTHENTICATED = 16
};

struct rule {
	const char *words; /* somewhere in etcd's */
	enum etcd_fault fault;
	enum etcd_outcome outcome;
	bool untouched;
};

static const struct rule rules[] = {
    {"invalid auth token", ETCD_FAULT_TOKEN, ETCD_REFUSED, true},
    {"user name is empty", ETCD_FAULT_TOKEN, ETCD_REFUSED, true},
    {"revision of auth store is old", ETCD_FAULT_TOKEN, ETCD_REFUSED, true},
    {"revision in header is old", ETCD_FAULT_TOKEN, ETCD_REFUSED, true},
    {"authentication failed", ETCD_FAULT_CALL, ETCD_REFUSED, true},
    {"permission denied", ETCD_FAULT_CALL, ETCD_REFUSED, true},
    {"has been compacted", ETCD_FAULT_CALL, ETCD_COMPACTED, true},
    {"is a future revision", ETCD_FAULT_CALL, ETCD_FUTURE, true},
    {"requested lease not found", ETCD_FAULT_CALL, ETCD_NO_LEASE, true},
    {"request is too large", ETCD_FAULT_CALL, ETCD_TOO_LARGE, true},
    {"too many operations", ETCD_FAULT_CALL, ETCD_TOO_LARGE, true},
    {"larger than max", ETCD_FAULT_CALL, ETCD_TOO_LARGE, true},
    {"no leader", ETCD_FAULT_ENDPOINT, ETCD_UNREACHABLE, true},
    {"too many requests", ETCD_FAULT_ENDPOINT, ETCD_UNREACHABLE, true},
};

/* Where the words say nothing that is known. */
static void
judge_code(int64_t code, struct etcd_verdict *out)
{
	out->fault = ETCD_FAULT_CALL;
	out->outcome = ETCD_FAILED;
	switch (code) {
	case GRPC_INVALID_ARGUMENT:
	case GRPC_NOT_FOUND:
	case GRPC_RESOURCE_EXHAUSTED:
	case GRPC_FAILED_PRECONDITION:
	case GRPC_OUT_OF_RANGE:
		return;
	case GRPC_PERMISSION_DENIED:
		out->outcome = ETCD_REFUSED;
		return;
	case GRPC_UNAUTHENTICATED:
		out->fault = ETCD_FAULT_TOKEN;
		out->outcome = ETCD_REFUSED;
		return;
	case GRPC_UNIMPLEMENTED:
		out->fault = ETCD_FAULT_ENDPOINT;
		out->untouched = true;
		return;
	default:
		/* Unavailable, a time-out, a member that stops: perhaps after
		 * it was carried out. */
		out->fault = ETCD_FAULT_ENDPOINT;
	}
}

void
etcd_judge_error(const struct etcd_json_error *error, struct etcd_verdict *out)
{
	*out = (struct etcd_verdict){.fault = ETCD_FAULT_CALL};
	snprintf(out->words, sizeof(out->words), "%s",
	    error->message[0] != '\0' ? error->message : "no reason given");
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strstr(error->message, rules[i].words) == NULL)
			continue;
		out->fault = rules[i].fault;
		out->outcome = rules[i].outcome;
		out->untouched = rules[i].untouched;
		return;
	}
	judge_code(error->code, out);
}

void
etcd_judge(long status, const char *body, size_t len, struct etcd_verdict *out)
{
	struct etcd_json_error error;

	if (etcd_json_error(body, len, &error) == 0) {
		etcd_judge_error(&error, out);
		return;
	}
	if (status == 400 && memmem(body, len, "CommonName", 10) != NULL) {
		*out = (struct etcd_verdict){
		    .fault = ETCD_FAULT_CALL, .outcome = ETCD_REFUSED};
		snprintf(out->words, sizeof(out->words),
		    "the certificate of this node has a CommonName, which "
		    "etcd refuses once it has users: use one without");
		return;
	}
	*out = (struct etcd_verdict){.fault = ETCD_FAULT_ENDPOINT,
	    .untouched = status >= 300 && status < 500};
	if (status == 400 &&
	    memmem(body, len, "to an HTTPS server", 18) != NULL)
		snprintf(out->words, sizeof(out->words),
		    "it speaks TLS: write https:// for it");
	else if (status == 404)
		snprintf(out->words, sizeof(out->words),
		    "HTTP status 404: it is no etcd 3.4 or later");
	else
		snprintf(out->words, sizeof(out->words),
		    "HTTP status %ld, which is no answer of etcd", status);
}
