"""
Tests of the status page in a headless Chromium.  Started by
tests/system/page_test.c and page_rules_test.c, which have the daemons run; says
what was wrong and ends with status 1, or prints what it measured.

Usage: status_page.py PART FOLDER BASE...
  PART    looks BASE STANDIN PID: the page of a small node; of its stand-ins the
          one at STANDIN fails and comes back; its server is PID
          large BASE MS: the page of a large node, loaded in MS
          rules BASE AXE: the rules of axe-core, whose file is AXE
  FOLDER  for pictures; made when it is not there
"""
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
import urllib.request

from webdriver import Browser

# For anything that should come soon, on a machine that is busy.
WAIT_S = 20
# From a change in the answers to the page that shows it.
SHOWN_S = 3
# What is shown is old after so long without a word, and the page looks at it
# once a second.
OLD_S = 14
# The least size of text in pixels.
TEXT_PX = 12
# However many services there are, a few dozen are in the document.
ELEMENTS = 5000
LOOKS = [(width, theme) for width in (360, 1920) for theme in ('light', 'dark')]

TAB, ENTER = '\ue004', '\ue007'


def check(holds, text):
    if not holds:
        raise AssertionError(text)


def wait(what, text, limit=WAIT_S):
    end = time.monotonic() + limit
    while True:
        value = what()
        if value:
            return value
        check(time.monotonic() < end, 'not within %d s: %s' % (limit, text))
        time.sleep(0.02)


def read(url):
    with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
        return json.load(answer)


def order(standin, text):
    urllib.request.urlopen(urllib.request.Request(
        '%s/control?%s' % (standin, text), method='PUT'), timeout=WAIT_S)


def open_page(browser, base, width, theme):
    browser.size(width, 740 if width < 700 else 1080)
    browser.media(prefers_color_scheme=theme)
    browser.open(base + '/')
    wait(lambda: browser.run(
        'return document.querySelectorAll("tr.service").length > 0 &&'
        ' document.querySelectorAll("[data-code]").length > 100 &&'
        ' document.querySelector("#link.live") !== null'),
        'services, the map, and a live connection')


def quiet(browser, base):
    """Nothing in the console, and nothing asked of anybody else."""
    said = [line['message'] for line in browser.log('browser')]
    check(not said, 'in the console: %s' % said)
    asked = 0
    for line in browser.log('performance'):
        message = json.loads(line['message'])['message']
        params = message['params']
        # The browser begins with a page of its own.
        if message['method'] != 'Network.requestWillBeSent' or \
                not params['documentURL'].startswith(base):
            continue
        url = params['request']['url']
        check(url.startswith((base + '/', 'data:')), 'asked for %s' % url)
        asked += 1
    check(asked > 10, '%d requests were seen' % asked)


READABLE = '''
const out = [];
const root = document.documentElement;
if (root.scrollWidth > innerWidth)
    out.push(`${root.scrollWidth} pixels wide`);
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (walk.currentNode.data.trim() === '' || e.closest('svg, option') ||
        !e.checkVisibility())
        continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < arguments[0])
        out.push(`${size} px: ${walk.currentNode.data}`);
}
return out;
'''


def readable(browser):
    faults = browser.run(READABLE, TEXT_PX)
    check(not faults, faults)


def service_state(browser, name):
    return browser.run(
        'return [...document.querySelectorAll("tr.service")].find((r) =>'
        ' r.textContent.includes(arguments[0]))?.dataset.state', name)


def by_keyboard(browser):
    """The skip link comes first and is seen; Enter opens a service."""
    browser.run('document.activeElement.blur(); scrollTo(0, 0)')
    browser.press(TAB)
    check(browser.run('const e = document.activeElement;'
                      'return e.className === "skip" &&'
                      ' e.getBoundingClientRect().top >= 0'),
          'the first Tab does not lead to the skip link')
    browser.press(ENTER)
    check(browser.run('return document.activeElement.id') == 'main',
          'the skip link leads nowhere')
    browser.run('document.querySelector(".opener").focus()')
    browser.press(ENTER)
    wait(lambda: browser.run(
        'return document.querySelector(".details .plot") !== null ||'
        ' document.querySelector(".details .facts") !== null'),
        'details of a service')
    check(browser.run('return document.activeElement.className') == 'opener',
          'the focus was lost')


def on_map(browser):
    """Countries have the colours of their regions, and lines to them."""
    wait(lambda: browser.run(
        'return document.querySelectorAll(".land.sent").length > 4 &&'
        ' document.querySelectorAll(".flow").length > 4'),
        'countries of clients on the map')


def explained(browser, service, client):
    browser.run('''
        const [name, client] = arguments;
        document.getElementById('explain-name').value = name;
        document.getElementById('explain-client').value = client;
        document.querySelector('#explain-form button').click();
    ''', service, client)
    wait(lambda: browser.run(
        'return document.querySelectorAll(".ladder li").length > 3'),
        'the ladder for %s' % client)
    return browser.run('return document.querySelector(".verdict").textContent')


def by_explain(browser, service):
    check('eu-west' in explained(browser, service, '84.128.0.0/24'),
          'a client in Germany is not explained')
    browser.run('document.getElementById("explained").replaceChildren()')
    check('us-east' in explained(browser, service, 'Canada'),
          'a country is not explained')


# Countries whose name, as the page writes it, is not read as their code.
MISREAD = '''
const done = arguments[arguments.length - 1];
import('/page/words.js').then(({ codeOf, country }) => {
    const codes = [...document.querySelectorAll('[data-code]')]
        .map((e) => e.dataset.code).filter((c) => /^[A-Z]{2}$/.test(c));
    done(codes.length < 100 ? codes : codes.filter((c) =>
        codeOf(country(c)) !== c || codeOf(c.toLowerCase()) !== c));
});
'''


def by_names(browser):
    """Germany is DE, not the DD of before, and so on."""
    misread = browser.run_async(MISREAD)
    check(not misread, 'names of countries are misread: %s' % misread)


# What sticks out of its panel.
OUTSIDE = '''
return [...document.querySelectorAll('.panel *')].filter((e) => {
    const r = e.getBoundingClientRect();
    const panel = e.closest('.panel').getBoundingClientRect();
    return r.width > 1 && r.height > 1 && !e.closest('svg') &&
        (r.right > panel.right || r.left < panel.left);
}).map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 20)}`);
'''


def by_width(browser, base):
    """All that opens is open, on windows of every width."""
    open_page(browser, base, 1920, 'light')
    browser.run('document.querySelectorAll(".opener").forEach((o) => o.click())')
    wait(lambda: browser.run(
        'const all = document.querySelectorAll("details.more");'
        'all.forEach((d) => { d.open = true; });'
        'return all.length > 3 && document.querySelectorAll('
        '    ".details .more tbody tr").length > 3'), 'all open')
    inside(browser)


def inside(browser):
    for width in (360, 480, 768, 1024, 1210, 1280, 1440, 1920):
        browser.size(width, 1080)
        readable(browser)
        outside = browser.run(OUTSIDE)
        check(not outside, '%d px: outside of its panel: %s' % (width, outside))


def by_ramp(browser):
    """A ramp on its way is an event without health; one that is done is over."""
    said = 'return document.querySelector(".events").textContent'
    wait(lambda: 'ramped: ramp done' in browser.run(
        'document.querySelector("#events-list button").click();' + said),
        'the steps of a ramp')
    check('unknown→' not in browser.run(
        'return [...document.querySelectorAll(".events li")].filter((e) =>'
        ' e.textContent.includes("ramped")).map((e) => e.textContent).join()'),
        'a ramp has health')
    wait(lambda: 'ramp' not in browser.run(
        'return document.getElementById("overrides-list").textContent'),
        'no ramp when it is done')


def by_no_answer(browser):
    """A name that is not there has no TTL, and none is said."""
    browser.run('''
        document.getElementById('explained').replaceChildren();
        document.getElementById('explain-name').value = 'nix.' + arguments[0];
        document.getElementById('explain-client').value = '84.128.0.1';
        document.querySelector('#explain-form button').click();
    ''', 'www.inference.example')
    said = wait(lambda: browser.run(
        'return document.querySelector(".verdict")?.textContent'),
        'a name that is not there')
    check('undefined' not in said, said)


# Times that the page has read a list.
READINGS = '''
return performance.getEntriesByType('resource')
    .filter((e) => e.name.includes('/api/v1/services')).length
'''


def by_crowd(browser, base):
    """As many read along as may: one more sees what changes all the same, and
    reads along when there is room."""
    host, port = base.split('//')[1].split(':')

    def stream():
        one = socket.create_connection((host, int(port)))
        one.sendall(b'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n')
        if one.recv(12) == b'HTTP/1.1 200':
            return one
        one.close()
        return None

    # One of a browser that has just ended is there for a moment.
    crowd = [wait(stream, 'a stream') for _ in range(16)]
    browser.open(base + '/')
    wait(lambda: browser.run(READINGS) >= 4, 'readings without a stream')
    check(browser.run(
        'return document.querySelectorAll("tr.service").length > 0'),
        'no service without a stream')
    for one in crowd:
        one.close()
    wait(lambda: browser.run(
        'return document.querySelector("#link.live") !== null'),
        'a live connection when there is room')


GROUND = 'return getComputedStyle(document.body).backgroundColor'
CHOOSE = '''
const theme = document.getElementById('theme');
theme.value = arguments[0];
theme.dispatchEvent(new Event('change'));
'''


def by_choice(browser, base):
    """Light or dark as was chosen here, also the next time."""
    grounds = []
    browser.media(prefers_color_scheme='light')
    for theme in ('light', 'dark'):
        browser.run(CHOOSE, theme)
        grounds.append(browser.run(GROUND))
    check(grounds[0] != grounds[1], 'light is as dark: %s' % grounds)
    open_page(browser, base, 1920, 'light')
    check(browser.run(GROUND) == grounds[1], 'the choice was forgotten')
    browser.run(CHOOSE, 'auto')
    check(browser.run(GROUND) == grounds[0], 'auto is not as the system')
    moving = 'return getComputedStyle(document.documentElement).scrollBehavior'
    for motion, behaviour in (('no-preference', 'smooth'), ('reduce', 'auto')):
        browser.media(prefers_reduced_motion=motion)
        check(browser.run(moving) == behaviour, 'it moves: %s' % motion)
    browser.media()


def failover(browser, base, standin, service):
    """Seconds from the answers to the page, of four changes."""
    late = []
    for health, state in (('down', 'degraded'), ('up', 'healthy')) * 2:
        order(standin, 'health=' + health)
        wait(lambda: read('%s/api/v1/services?service=%s' %
                          (base, service))['services'][0]['state'] == state,
             '%s %s in the answers' % (service, state))
        began = time.monotonic()
        wait(lambda: service_state(browser, service) == state,
             '%s %s in the page' % (service, state))
        late.append(time.monotonic() - began)
    check(statistics.median(late) < SHOWN_S, 'shown after %s s' % late)
    print('measured: a failover is in the page %.2f s after it is in the '
          'answers, at most %.2f s' % (statistics.median(late), max(late)))


def silence(browser, pid):
    """A server that hangs is told of, and so is its return."""
    def is_old():
        return browser.run('return document.documentElement.dataset.old ==='
                           ' "yes" && !document.getElementById("alarm").hidden')
    os.kill(pid, signal.SIGSTOP)
    try:
        wait(is_old, 'word that the page is old', OLD_S)
    finally:
        os.kill(pid, signal.SIGCONT)
    wait(lambda: not is_old(), 'the connection again')


def looks(folder, base, standin, pid):
    service = 'chat.inference.example'
    with tempfile.TemporaryDirectory() as home, Browser(home) as browser:
        for width, theme in LOOKS:
            open_page(browser, base, width, theme)
            on_map(browser)
            by_keyboard(browser)
            by_explain(browser, service)
            readable(browser)
            browser.shoot('%s/%d-%s.png' % (folder, width, theme))
        browser.media('print')
        readable(browser)
        browser.shoot('%s/print.png' % folder)
        by_width(browser, base)
        by_names(browser)
        by_ramp(browser)
        by_choice(browser, base)
        by_no_answer(browser)
        quiet(browser, base)
        failover(browser, base, standin, service)
        wait(lambda: browser.run(
            'return document.querySelectorAll(".events li").length') > 0,
            'the events of it')
        silence(browser, int(pid))
    with tempfile.TemporaryDirectory() as home, Browser(home) as browser:
        by_crowd(browser, base)


LOADED = '''
const done = arguments[0];
const look = () => {
    const text = document.getElementById('services-table').textContent;
    if (/of 501 services/.test(text) &&
        document.querySelectorAll('#regions-table tbody tr').length > 0)
        requestAnimationFrame(() => done(performance.now()));
    else
        setTimeout(look, 5);
};
look();
'''


def large(folder, base, limit_ms):
    times = []
    with tempfile.TemporaryDirectory() as home, Browser(home) as browser:
        browser.size(1920, 1080)
        for _ in range(3):
            browser.open(base + '/')
            times.append(browser.run_async(LOADED))
        elements = browser.run('return document.querySelectorAll("*").length')
        check(elements < ELEMENTS, '%d elements' % elements)
        browser.run('''
            const find = document.getElementById('filter');
            find.value = 's321';
            find.dispatchEvent(new Event('input'));
        ''')
        wait(lambda: browser.run(
            'return document.querySelectorAll("tr.service").length') == 1,
            'the one service that was looked for')
        browser.run('document.querySelector(".opener").click();'
                    'document.querySelector(".details details").open = true')
        wait(lambda: browser.run('return document.querySelectorAll('
                                 '".details details tbody tr").length') == 50,
             'a page of its endpoints')
        browser.shoot('%s/large.png' % folder)
        quiet(browser, base)
    median = statistics.median(times)
    print('measured: the page of 501 services and 60,002 endpoints is there '
          'after %d ms, with %d elements' % (median, elements))
    check(median < float(limit_ms), 'loaded in %s ms' % times)


def nodes(browser):
    """Who is cut off, silent, and who would answer otherwise."""
    text = browser.run('return document.querySelector("#nodes").innerText')
    for words in ('here', 'eu-west', 'a-node-of-a-long-name', 'cut off',
                  'controls v1 of inference.example.com'):
        check(words in text.replace('CUT', 'cut').replace('Cut', 'cut'),
              'no "%s" among the nodes: %s' % (words, text))


def rules(folder, base, axe):
    with open(axe, encoding='utf-8') as file:
        source = file.read()
    with tempfile.TemporaryDirectory() as home, Browser(home) as browser:
        for width, theme in LOOKS:
            open_page(browser, base, width, theme)
            browser.run('document.querySelector(".opener").click();'
                        'for (const d of document.querySelectorAll("details"))'
                        ' d.open = true;')
            explained(browser, 'chat.inference.example', 'DE')
            browser.run(source + ';window.axe = axe;')
            found = browser.run_async(
                'const done = arguments[0];'
                'axe.run({ resultTypes: ["violations"] }).then((r) =>'
                ' done(r.violations.map((v) => v.id + ": " + v.nodes.map('
                '(n) => n.html + " " + n.failureSummary).join("; "))))')
            check(not found, '%d px, %s: %s' % (width, theme, found))
        nodes(browser)
        inside(browser)
    print('measured: axe-core finds nothing at %d looks' % len(LOOKS))


def main():
    part, folder, *rest = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    try:
        {'looks': looks, 'large': large, 'rules': rules}[part](folder, *rest)
    except AssertionError as error:
        print('%s: %s' % (part, error))
        sys.exit(1)


main()
