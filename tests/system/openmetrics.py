# Reads a page of metrics as OpenMetrics, by a parser of others.  Called by
# metrics_test.c.
# Usage: openmetrics.py URL
# Asks as Prometheus does, and for the Prometheus text, and prints how many
# families there are.  Fails when the parser finds a fault, or when the two
# forms differ in families or series; what changes between two requests is
# asked for again.
import sys
import time
import urllib.request

from prometheus_client.openmetrics.parser import \
    text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import \
    text_string_to_metric_families as read_text

OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
TEXT = 'text/plain; version=0.0.4; charset=utf-8'
ACCEPT = ('application/openmetrics-text;version=1.0.0;q=0.5,'
          'application/openmetrics-text;version=0.0.1;q=0.4,'
          'text/plain;version=0.0.4;q=0.3,*/*;q=0.2')
TRIES = 50


def ask(url, accept, kind):
    request = urllib.request.Request(url, headers={'Accept': accept})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        assert answer.headers['Content-Type'] == kind, answer.headers
        assert answer.headers['Vary'] == 'Accept', answer.headers
        return answer.read().decode()


def check_bounds(families):
    """Older parsers take whole numbers, which the format does not."""
    for family in families:
        for sample in family.samples:
            bound = sample.labels.get('le', '+Inf')
            assert not bound.isdigit(), sample


def check_units(families):
    """Whose name says a unit has it."""
    for family in families:
        for unit in ('seconds', 'bytes', 'days'):
            if family.name.endswith('_' + unit):
                assert family.unit == unit, (family.name, family.unit)


def tell(families):
    """What a reader would know of them, without their values."""
    return {f.name: (f.type, f.documentation,
                     {(s.name, *sorted(s.labels.items())) for s in f.samples})
            for f in families}


def main(url):
    for _ in range(TRIES):
        text = tell(read_text(ask(url, '*/*', TEXT)))
        page = ask(url, ACCEPT, OPENMETRICS)
        check_bounds(read_openmetrics(page))
        check_units(read_openmetrics(page))
        families = tell(read_openmetrics(page))
        if families == text:
            print(len(families))
            return
        time.sleep(0.1)
    for name in sorted(families.keys() | text.keys()):
        if families.get(name) != text.get(name):
            print(name, families.get(name), text.get(name))
    sys.exit(1)


main(sys.argv[1])
