"""
A headless Chromium, driven by chromedriver: as much of WebDriver as the test of
the status page needs.  Used by status_page.py; knows nothing of the page.
"""
import base64
import json
import re
import subprocess
import urllib.request

# What a page may take that hangs: the test fails then, and says where.
TIMEOUT_S = 30

ARGUMENTS = [
    '--headless=new',
    # Tests of a container run as root, where its sandbox does not.
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--no-proxy-server',
    '--hide-scrollbars',
    '--force-color-profile=srgb',
    '--js-flags=--max-old-space-size=512',
]


class Browser:
    """A window; a context that ends the browser and its driver."""

    def __init__(self, folder):
        self.driver = subprocess.Popen(
            ['chromedriver', '--port=0', '--log-path=%s/driver.log' % folder],
            stdout=subprocess.PIPE, text=True)
        self.base = None
        try:
            self.base = 'http://127.0.0.1:%d' % self.read_port()
            answer = self.call('POST', '/session', {'capabilities': {
                'alwaysMatch': {
                    'browserName': 'chrome',
                    'goog:loggingPrefs':
                        {'browser': 'ALL', 'performance': 'ALL'},
                    'goog:chromeOptions': {'args': ARGUMENTS + [
                        '--user-data-dir=%s/profile' % folder]}}}})
            self.base += '/session/' + answer['sessionId']
        except BaseException:
            self.close()
            raise

    def read_port(self):
        for line in self.driver.stdout:
            found = re.search(r'successfully on port (\d+)', line)
            if found:
                return int(found.group(1))
        raise RuntimeError('chromedriver did not start')

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        try:
            if self.base is not None and '/session/' in self.base:
                self.call('DELETE', '')
        finally:
            self.driver.terminate()
            self.driver.wait(TIMEOUT_S)

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == 'POST' else None
        request = urllib.request.Request(self.base + path, data, {
            'Content-Type': 'application/json'}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)['value']['message']) from None

    def open(self, url):
        self.call('POST', '/url', {'url': url})

    def run(self, script, *arguments):
        """What ${script} returns, which may use arguments[0] and so on."""
        return self.call('POST', '/execute/sync', {
            'script': script, 'args': list(arguments)})

    def run_async(self, script, *arguments):
        """The same of a script that calls its last argument at its end."""
        return self.call('POST', '/execute/async', {
            'script': script, 'args': list(arguments)})

    def press(self, *keys):
        """Keys, one after the other, to what has the focus."""
        strokes = [{'type': kind, 'value': key}
                   for key in keys for kind in ('keyDown', 'keyUp')]
        self.call('POST', '/actions', {'actions': [
            {'type': 'key', 'id': 'keyboard', 'actions': strokes}]})

    def devtools(self, command, **parameters):
        return self.call('POST', '/goog/cdp/execute', {
            'cmd': command, 'params': parameters})

    def size(self, width, height):
        self.devtools('Emulation.setDeviceMetricsOverride', width=width,
                      height=height, deviceScaleFactor=1, mobile=False)

    def media(self, medium='', **features):
        """Media features: media(prefers_color_scheme='dark')."""
        self.devtools('Emulation.setEmulatedMedia', media=medium, features=[
            {'name': name.replace('_', '-'), 'value': value}
            for name, value in features.items()])

    def shoot(self, path):
        """Write a picture of the whole page."""
        # What sticks to the top of the window is on top of the picture.
        self.run('scrollTo({ top: 0, behavior: "instant" })')
        size = self.devtools('Page.getLayoutMetrics')['cssContentSize']
        picture = self.devtools(
            'Page.captureScreenshot', format='png', captureBeyondViewport=True,
            clip={'x': 0, 'y': 0, 'width': size['width'],
                  'height': size['height'], 'scale': 1})
        with open(path, 'wb') as file:
            file.write(base64.b64decode(picture['data']))

    def log(self, kind):
        """What was logged since the last call: 'browser' or 'performance'."""
        return self.call('POST', '/se/log', {'type': kind})
