/*
 * A zone with every kind of name, and names to ask it for, for the tests of
 * signed zones.  Included by tests only.
 */
#ifndef TESTS_SIGNED_ZONE_H
#define TESTS_SIGNED_ZONE_H

/* But for the DS of safe.example. */
static const char signed_zone[] =
    "$ORIGIN example.\n"
    "$TTL 300\n"
    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n"
    "@ NS ns1\n"
    "@ NS ns.safe\n"
    "@ MX 10 ns1\n"
    "@ MX 20 x.wild\n"
    "@ TXT apex\n"
    "@ TYPE65280 \\# 3 0a 0b 0c\n"
    "ns1 A 192.0.2.1\n"
    "ns1 AAAA 2001:db8::1\n"
    "a A 192.0.2.2\n"
    "a A 192.0.2.3\n"
    "a TXT \"longer than both addresses together\"\n"
    "UPPER A 192.0.2.4\n"
    "b.c.d.e A 192.0.2.4\n"
    "*.wild A 192.0.2.5\n"
    "x.under.wild TXT x\n"
    "x.*.went TXT \"below an empty wildcard\"\n"
    "*.walias CNAME a\n"
    "*.wnx CNAME nowhere.nix\n"
    "*.wchain CNAME x.walias\n"
    "*.wout CNAME www.other.\n"
    "*.wloop CNAME x.wloop\n"
    "*.wsub CNAME www.sub\n"
    "*x A 192.0.2.6\n"
    "alias CNAME a\n"
    "alias2 CNAME alias\n"
    "dangling CNAME nowhere.nix\n"
    "toent CNAME c.d.e\n"
    "tosub CNAME www.sub\n"
    "tosafe CNAME www.safe\n"
    "towild CNAME q.q.wild\n"
    "tonowild CNAME q.under.wild\n"
    "out CNAME www.other.\n"
    "tree DNAME d.e\n"
    "dnx DNAME nix\n"
    "dwild DNAME wild\n"
    "dlong DNAME aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffff.example.\n"
    "sub NS ns.sub\n"
    "sub NS ns1\n"
    "ns.sub A 192.0.2.7\n"
    "safe NS ns.safe\n"
    "ns.safe A 192.0.2.8\n"
    "q.only NS ns.sub\n"
    "q.r.s.only2 NS ns.sub\n"
    "x.half NS ns1\n"
    "y.half A 192.0.2.4\n"
    "d.*.wopt NS ns1\n"
    "\\000 A 192.0.2.9\n"
    "\\000\\000 A 192.0.2.9\n"
    "\\001 A 192.0.2.9\n"
    "\\255.z A 192.0.2.10\n"
    "zzz A 192.0.2.11\n";

/* Each of these is asked for, and names below and beside it. */
static const char *const signed_names[] = {"example.", "ns1.example.",
    "a.example.", "upper.example.", "b.c.d.e.example.", "c.d.e.example.",
    "e.example.", "wild.example.", "*.wild.example.", "q.wild.example.",
    "q.under.wild.example.", "under.wild.example.", "x.under.wild.example.",
    "went.example.", "*.went.example.", "x.*.went.example.",
    "q.walias.example.", "q.wnx.example.", "q.wchain.example.",
    "q.wout.example.", "q.wloop.example.", "q.wsub.example.", "*x.example.",
    "alias.example.", "alias2.example.", "dangling.example.", "toent.example.",
    "tosub.example.", "tosafe.example.", "towild.example.", "tonowild.example.",
    "out.example.", "tree.example.", "b.c.tree.example.", "c.tree.example.",
    "dnx.example.", "x.dnx.example.", "x.dwild.example.",
    "aaaaaaaaaa.dlong.example.", "sub.example.", "ns.sub.example.",
    "safe.example.", "ns.safe.example.", "only.example.", "q.only.example.",
    "only2.example.", "r.s.only2.example.", "q.r.s.only2.example.",
    "half.example.", "x.half.example.", "y.half.example.", "wopt.example.",
    "*.wopt.example.", "q.wopt.example.", "d.*.wopt.example.", "\\000.example.",
    "\\000\\000.example.", "\\001.example.", "z.example.", "\\255.z.example.",
    "zzz.example.", "zzzz.example."};
#define SIGNED_NAMES (sizeof(signed_names) / sizeof(signed_names[0]))
/* The names below and beside them. */
static const char *const signed_front[] = {
    "", "q.", "q.q.", "*.", "\\000.", "\\255\\255."};
#define SIGNED_FRONT (sizeof(signed_front) / sizeof(signed_front[0]))

#endif
