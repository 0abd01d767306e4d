/*
 * Queries in files that others recorded: dnstap in frame streams, and packets
 * in pcap or pcapng.  Called by meridianctl replay; the octets may be anything,
 * and no file is opened here.
 */
#ifndef CTL_PACKETS_H
#define CTL_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* The longest query that is made from a response. */
#define PACKETS_QUESTION 512

/* What was found in a file. */
struct packets_found {
	uint64_t queries;
	uint64_t skipped; /* frames and packets that have none, or no sender */
	size_t done;      /* octets that were read so far */
	bool cut;         /* the file ends in the middle, or goes on as no such
			     file does: what is before counts */
};

/* query(context, client, stream, message, len): one that ${client} sent. */
typedef void packets_call(void *context, const struct address *client,
    bool stream, const uint8_t *message, size_t len);

/*
 * status = packets_read(octets, len, call, context, found): call for each query
 * of the file ${octets}.  Where a file of dnstap has responses and no queries,
 * these are made from the responses.  0, or -1 when it is no such file.
 */
int packets_read(const uint8_t *octets, size_t len, packets_call *call,
    void *context, struct packets_found *found);

/*
 * n = packets_question(response, len, out): the query that ${response}
 * answers, as far as it shows: its question and client subnet; its octets, or 0
 * when it cannot be read.
 */
size_t packets_question(
    const uint8_t *response, size_t len, uint8_t out[PACKETS_QUESTION]);

/* packets_capture(octets, len, call, context, found): packets_read() of pcap
 * and pcapng alone, in packets_capture.c. */
int packets_capture(const uint8_t *octets, size_t len, packets_call *call,
    void *context, struct packets_found *found);

#endif
