"""A headless Chromium on a folder served from loopback; tests skip where there is none."""

import contextlib
import functools
import http.server
import shutil
import threading
import time

import pytest

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_SECONDS = 10
TAB, ENTER, END, ARROW_LEFT = "\ue004", "\ue007", "\ue010", "\ue012"
"""Keys as WebDriver has them."""


@contextlib.contextmanager
def served(folder):
    """Address of a static file server on a folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def chromium(profile):
    """A driver of a fresh browser; skips the test where browser, driver or client is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="the page needs selenium")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("the page needs Debian's packages chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield running
    finally:
        running.quit()


class Reader:
    """What a person does with the page and sees of it."""

    def __init__(self, driver, base):
        self.driver, self.base = driver, base

    def visit(self, route=""):
        """Open the page anew at a route and wait until it is shown."""
        self.driver.get("about:blank")
        self.log()
        self.driver.get(f"{self.base}/index.html{route}")
        return self.settled()

    def settled(self):
        """The text of the page once it is shown."""
        until = time.monotonic() + PATIENCE_SECONDS
        busy = "const m = document.getElementById('main'); return !m || m.ariaBusy === 'true' || !m.querySelector('h1')"
        while self.driver.execute_script(busy):
            assert time.monotonic() < until, "the page never came"
            time.sleep(0.02)
        return self.text("main")

    def until(self, script):
        """What a script returns, as soon as that is something."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := self.run(script)):
            assert time.monotonic() < until, f"never came: {script}"
            time.sleep(0.02)
        return found

    def go(self, route):
        """Follow a link to a route without loading the page anew."""
        self.driver.execute_script("location.hash = arguments[0]", route)
        time.sleep(0.05)
        return self.settled()

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def texts(self, selector):
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", selector
        )

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def press(self, *keys):
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        return self.run("return document.activeElement.id || document.activeElement.innerText")

    def screen(self, width, scheme="light"):
        """A window of this width in a colour scheme."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )

    def log(self):
        """What the console got since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self):
        """Paths of the documents that were asked for since the page was opened."""
        return self.run(
            "return performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)"
        )
