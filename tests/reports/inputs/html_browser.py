# SPDX-License-Identifier: Apache-2.0
#
# html_browser.py WEIR FOLDER: a page of findings in a browser. What is looked at is what a reader does: opens it,
# filters, searches, follows an arrow, uses keys, prints, has no scripts, a small screen, a thousand findings.
# Names in the findings are such that they would be seen if one of them became markup.
import json
import os
import subprocess
import sys
import time

from browser import Browser

weir, folder = sys.argv[1:3]
inputs = os.path.dirname(os.path.abspath(__file__))
NASTY = '<script>alert(1)</script>'
IMAGE = '"><img src=http://weir.example/x onerror=alert(2)>'
MANY = 1000
checks = 0


def check(what, got, want=True):
    global checks
    checks += 1
    if got != want:
        sys.exit(f"{what}: {got!r}, not {want!r}")


def kinds():
    lines = subprocess.run([sys.executable, inputs + "/kinds.py"], check=True, stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in lines.splitlines()]


def page(name, records):
    path = os.path.join(folder, name)
    with open(path + ".jsonl", "w") as file:
        file.writelines(json.dumps(r) + "\n" for r in records)
    subprocess.run([weir, "report", "html", path + ".jsonl", "-o", path + ".html"], check=True)
    return "file://" + path + ".html"


def hidden_count(b):
    return b.run("document.querySelectorAll('article[hidden]').length")


def at(b):
    return b.run("document.querySelector('[aria-current]').getAttribute('href')")


def opening(b, url, records):
    b.open(url)
    check("complaints", b.complaints(), [])
    check("requests", b.requests(), [url])
    check("articles", b.run("document.querySelectorAll('article').length"), len(records))
    check("entries", b.run("document.querySelectorAll('#list li').length"), len(records))
    check("the title", b.run("document.title").startswith(f"{len(records) - 1} findings in bank"))
    check("pictures of who waits", b.run("document.querySelectorAll('#plain #p1-waits').length"), 0)
    check("the first picture", b.run("document.querySelector('#f1 #p1-waits svg a').getAttribute('href')"), "#f1-g7")


def filtering(b, n):
    b.click("#filters button")
    check("one kind off", hidden_count(b), 1)
    check("how many are shown", b.run("document.getElementById('shown').textContent"), f"{n - 1} of {n} shown")
    b.click("#filters button")
    check("on again", hidden_count(b), 0)
    b.click("#filters button:nth-of-type(2)", shift=True)
    check("one kind alone", hidden_count(b), n - 1)
    b.click("#filters button:nth-of-type(2)", shift=True)
    check("all again", hidden_count(b), 0)
    b.click("#filters button:last-of-type")
    check("a certainty off", b.run("[...document.querySelectorAll('article[hidden] .pill')].map(e => e.textContent)"),
          ["suspected"])
    b.key("Escape", 27)
    check("Escape shows all", hidden_count(b), 0)


def searching(b, n):
    b.key("/")
    check("the search has the focus", b.run("document.activeElement.id"), "search")
    b.call("Input.insertText", text="AUDIT total")
    check("a search", b.run("[...document.querySelectorAll('article:not([hidden]) .kind')].map(e => e.textContent)"),
          ["data race"])
    b.key("Enter", 13, "\r")
    check("Enter goes there", at(b), "#f0")
    b.key("/")
    b.call("Input.insertText", text=" nowhere")
    check("nothing is said", b.run("document.querySelector('.none:not([hidden])').textContent"), "Nothing matches.")
    check("nothing is shown", hidden_count(b), n)
    b.key("Escape", 27)
    check("all again", hidden_count(b), 0)


def keys(b):
    b.run("document.querySelector('#list a').click()")
    check("a click in the list", at(b), "#f0")
    for key, want in ("j", "#f1"), ("j", "#f2"), ("k", "#f1"), ("k", "#f0"), ("k", "#f0"):
        b.key(key)
        check("the key " + key, at(b), want)
    check("the address", b.run("location.hash"), "#f0")
    check("the focus", b.run("document.activeElement.id"), "f0")
    closed = "document.querySelectorAll('#f0 details:not([open])').length"
    check("something is folded", b.run(closed) > 0)
    b.key("x")
    check("x unfolds", b.run(closed), 0)
    b.key("x")
    check("x folds again", b.run(closed) > 0)


def following(b):
    b.run("document.querySelector('#list li:nth-child(2) a').click()")
    b.click("#f1 #p1-waits a[href='#f1-g8'] rect")
    check("the click leads to the goroutine", b.run("location.hash"), "#f1-g8")
    check("it has the focus", b.run("document.activeElement.id"), "f1-g8")
    check("it is the right one", b.run("document.activeElement.querySelector('h4').textContent").startswith("goroutine 8 "))
    b.run("document.querySelector('#list li:nth-child(2) a').click()")
    b.click("#f1 #p1-waits a[aria-label='account.mu #1 held by goroutine 8'] text")
    check("an arrow leads to who has the lock", b.run("document.activeElement.id"), "f1-g8")
    inside = ("(() => { const r = document.activeElement.getBoundingClientRect();"
              " return r.top >= 0 && r.top < innerHeight; })()")
    check("one sees it", b.run(inside))
    b.run("document.querySelector('#f1 #p1-waits a[href=\"#f1-o1\"]').focus()")
    b.key("Enter", 13, "\r")
    check("Enter leads to the lock", b.run("document.activeElement.id"), "f1-o1")
    b.run("document.querySelector('#f1 #p1-events a[href=\"#f1-g7\"]').focus()")
    b.key("Enter", 13, "\r")
    check("a lane leads there, too", b.run("document.activeElement.id"), "f1-g7")
    b.run("location.hash = '#f3-g3'")
    b.run("new Promise(requestAnimationFrame)")
    check("one of several alike", b.run("document.activeElement.id"), "f3-g2")


def escaping(b, url):
    b.open(url)
    b.run("dispatchEvent(new Event('beforeprint'))")  # builds all
    check("complaints", b.complaints(), [])
    check("scripts are ours", b.run("document.scripts.length"), 3)
    check("no image", b.run("document.images.length"), 0)
    check("no handler", b.run("document.querySelectorAll('[onerror]').length"), 0)
    for name in NASTY, IMAGE:
        check("the name is text", b.run("document.body.innerText.includes(%s)" % json.dumps(name)))
        whole = "[...document.querySelectorAll('figure text')].some(e => e.textContent.includes(%s))"
        check("in pictures, too", b.run(whole % json.dumps(name)))
    check("requests", b.requests(), [url])
    check("the proxy was not asked", b.proxy.asked, [])


def closed_off(b):
    """What a script in the page could ask for is refused; and we would have noticed."""
    blocked = ("new Promise((done) => { addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));"
               " const i = new Image(); i.src = 'http://weir.example/i'; })")
    check("an image", b.run(blocked), "img-src")
    check("a fetch", b.run("fetch('http://weir.example/f').then(() => 'sent', () => 'refused')"), "refused")
    check("the proxy was not asked", b.proxy.asked, [])
    b.open("http://weir.example/control")
    check("the proxy would have known", "GET http://weir.example/control HTTP/1.1" in b.proxy.asked)


def looks(b, url, shots):
    b.open(url)
    colour = "getComputedStyle(document.body).backgroundColor"
    b.prefer("light")
    light = b.run(colour)
    if shots:
        b.screenshot(shots + "/light.png", 1400, 1700)
    b.prefer("dark")
    check("dark is another colour", b.run(colour) != light)
    if shots:
        b.screenshot(shots + "/dark.png", 1400, 1700)
    b.prefer("light")
    b.resize(360, 700)
    check("a small screen needs no scrolling sideways", b.run("document.documentElement.scrollWidth"), 360)
    if shots:
        b.screenshot(shots + "/small.png", 360, 1400)
    b.resize(1280, 900)
    pdf = b.pdf()
    check("it prints", pdf[:5], b"%PDF-")
    check("with all findings", b.run("[...document.querySelectorAll('article')].every(a => a.querySelector('section'))"))
    if shots:
        with open(shots + "/page.pdf", "wb") as file:
            file.write(pdf)


def without_scripts(b, url, n):
    b.call("Emulation.setScriptExecutionDisabled", value=True)
    b.open(url)
    check("the reports are there", b.run("[...document.querySelectorAll('#plain pre')].filter(e => e.offsetHeight).length"), n)
    check("the pictures are there", b.run("document.querySelector('#plain #p1-waits svg').getBoundingClientRect().height > 0"))
    b.call("Emulation.setScriptExecutionDisabled", value=False)


def vary(record, i):
    text = json.dumps(record).replace("bank.c", f"bank_{i % 40}.c")
    for name in "transfer", "worker":
        text = text.replace(name, f"{name}_{i}")
    return json.loads(text) | {"seq": i, "pid": i + 10}


def many(b, shots):
    some = [r for r in kinds() if r["id"] != "goroutine-dump"]
    records = [vary(some[i % 4], i) for i in range(MANY)]
    url = page("many", records)
    size = os.path.getsize(url.removeprefix("file://"))
    start = time.monotonic()
    b.open(url)
    took = time.monotonic() - start
    work = "document.querySelectorAll('#findings *').length + document.querySelectorAll('#list *').length"
    check("articles", b.run("document.querySelectorAll('article').length"), MANY)
    built = b.run("[...document.querySelectorAll('article')].filter(a => a.querySelector('section')).length")
    check(f"only those in reach are built, not {built}", 0 < built < 20)
    nodes = b.run(work)
    check(f"the work is small, not {nodes} elements", nodes < 25 * MANY)
    b.run("document.getElementById('search').value = 'transfer_777'; document.getElementById('search').dispatchEvent(new Event('input'))")
    check("one is found", hidden_count(b), MANY - 1)
    b.key("Escape", 27)
    b.run("location.hash = '#f999'")
    b.run("new Promise(requestAnimationFrame)")
    check("the last is at hand", b.run("document.activeElement.id"), "f999")
    check("it is built", b.run("document.querySelectorAll('#f999 section').length > 2"))
    check("and in the window", b.run("document.activeElement.getBoundingClientRect().top < innerHeight"))
    if shots:
        b.screenshot(shots + "/many.png", 1400, 1200)
    print(f"{MANY} findings: {size >> 10} KiB, open in {took:.2f} s, {nodes} elements, {built} built")


def main():
    shots = os.environ.get("WEIR_SHOTS", "")  # a folder for pictures of the pages
    records = kinds()
    odd = json.loads(json.dumps(records).replace('"transfer"', json.dumps(NASTY)).replace('account.mu', json.dumps(IMAGE)[1:-1]))
    plain_url, odd_url = page("kinds", records), page("odd", odd)
    b = Browser(os.path.join(folder, "profile"))
    try:
        opening(b, plain_url, records)
        filtering(b, len(records))
        searching(b, len(records))
        keys(b)
        following(b)
        escaping(b, odd_url)
        closed_off(b)
        looks(b, plain_url, shots)
        without_scripts(b, plain_url, len(records))
        many(b, shots)
    finally:
        b.close()
    print(checks, "checks")


main()
