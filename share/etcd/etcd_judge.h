/*
 * What an answer that is no success means: is it the call's fault, the token's,
 * or the endpoint's?  Pure.
 */
#ifndef SHARE_ETCD_ETCD_JUDGE_H
#define SHARE_ETCD_ETCD_JUDGE_H

#include "share/etcd/etcd_json.h"

enum etcd_fault {
	ETCD_FAULT_CALL,    /* every endpoint would say so: ${outcome} */
	ETCD_FAULT_TOKEN,   /* log in again */
	ETCD_FAULT_ENDPOINT /* ask another one */
};

struct etcd_verdict {
	enum etcd_fault fault;
	enum etcd_outcome outcome; /* of ETCD_FAULT_CALL */
	bool untouched; /* of ETCD_FAULT_ENDPOINT: nothing was carried out */
	char words[ETCD_WORDS];
};

/* etcd_judge_error(error, out): the words of ${out} are etcd's. */
void etcd_judge_error(
    const struct etcd_json_error *error, struct etcd_verdict *out);

/* etcd_judge(status, body, len, out): an answer of HTTP ${status}, not 200. */
void etcd_judge(
    long status, const char *body, size_t len, struct etcd_verdict *out);

#endif
