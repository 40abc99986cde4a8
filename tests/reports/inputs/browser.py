# SPDX-License-Identifier: Apache-2.0
#
# A headless Chromium, spoken to over two pipes in the words of its DevTools protocol; nothing but the
# standard library. Browser(folder) starts it, everything it keeps goes into the folder. What it asks of
# the network comes to a proxy of ours, which serves nothing and writes down who asked.
import base64
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import threading

LIMIT = 40  # seconds that an answer may take
OWN = re.compile(r"\.(google|googleapis|gvt1)\.com[:/]")  # where the browser itself calls


class Proxy:
    """Says 404 to everybody and remembers the first line of what pages asked for."""

    def __init__(self):
        self.asked = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.server.accept()
            with client:
                line = client.recv(4096).split(b"\r\n")[0].decode("latin-1")
                if line and not OWN.search(line):
                    self.asked.append(line)
                client.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Browser:
    def __init__(self, folder, width=1280, height=900):
        self.proxy = Proxy()
        self.size = width, height
        ours, theirs = os.pipe(), os.pipe()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--disable-default-apps", "--disable-extensions", "--hide-scrollbars", "--mute-audio",
                   "--user-data-dir=" + folder, "--proxy-server=http://127.0.0.1:%d" % self.proxy.port,
                   "--proxy-bypass-list=<-loopback>", "--remote-debugging-pipe", "about:blank"]
        start = 'r=$1 w=$2; shift 2; exec "$@" 3<&"$r" 4>&"$w"'
        self.process = subprocess.Popen(
            ["bash", "-c", start, "-", str(ours[0]), str(theirs[1]), shutil.which("chromium"), *options],
            pass_fds=(ours[0], theirs[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self.to, self.from_ = os.fdopen(ours[1], "wb", 0), os.fdopen(theirs[0], "rb")
        self.number, self.session, self.events = 0, None, []
        self.answers, self.loaded = queue.Queue(), threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Network", "Log":
            self.call(domain + ".enable")
        self.resize(width, height)

    def listen(self):
        text = b""
        while part := self.from_.read1(1 << 16):
            *whole, text = (text + part).split(b"\0")
            for message in map(json.loads, whole):
                if "id" in message:
                    self.answers.put(message)
                else:
                    self.events.append((message["method"], message.get("params", {})))
                    if message["method"] == "Page.loadEventFired":
                        self.loaded.set()

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.to.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.answers.get(timeout=LIMIT)
            if answer["id"] == self.number:
                break
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(LIMIT)
        except Exception:  # it may be gone before it answers
            self.process.kill()
            self.process.wait()

    def open(self, url):
        """Loads a page, and waits until it is there."""
        self.events.clear()
        self.loaded.clear()
        self.call("Page.navigate", url=url)
        if not self.loaded.wait(LIMIT):
            raise RuntimeError("not loaded: " + url)

    def run(self, script):
        """What the expression comes to in the page."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
                         userGesture=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"].get("exception", {}).get("description", script))
        return done["result"].get("value")

    def key(self, key, code=0, text=""):
        for kind in "keyDown", "keyUp":
            more = {"text": text or key} if kind == "keyDown" and (text or len(key) == 1) else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code or ord(key[0].upper()),
                      **more)

    def click(self, selector, shift=False):
        """With the mouse, in the middle of what the selector finds first."""
        x, y = self.run("(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'center'});"
                        " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
                        % json.dumps(selector))
        for kind in "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1,
                      modifiers=8 if shift else 0)

    def requests(self):
        """The addresses that the page asked for, its own first."""
        return [p["request"]["url"] for m, p in self.events if m == "Network.requestWillBeSent"]

    def complaints(self):
        """What the page's console says, and dialogs that it opened."""
        said = [p["entry"]["text"] for m, p in self.events if m == "Log.entryAdded"]
        said += [p["exceptionDetails"]["text"] for m, p in self.events if m == "Runtime.exceptionThrown"]
        return said + ["dialog" for m, _ in self.events if m == "Page.javascriptDialogOpening"]

    def screenshot(self, path, width=None, height=None):
        self.resize(width or self.size[0], height or self.size[1])
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme, media=""):
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])
