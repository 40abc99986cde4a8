// SPDX-License-Identifier: Apache-2.0
//
// Builds the page from the data element. Text enters the document as text nodes only (el, below), never as
// markup; the pictures were drawn by the reporter and are moved to their finding. Of a finding the head is
// there at once, the rest when it comes near the window, so that a thousand open as fast as ten. State is
// the search words, the kinds and certainties that are switched off, and the finding one is at; nothing is
// stored and nothing is fetched.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const findings = data.findings;
  const byId = (id) => document.getElementById(id);

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {}))
      if (value !== undefined && value !== false) node.setAttribute(name, value);
    node.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== ""));
    return node;
  }

  function family(id) {
    if (id === "data-race") return "race";
    if (id === "goroutine-dump") return "dump";
    if (/deadlock|lock-order/.test(id)) return "lock";
    if (/leak|stuck|starv|livelock|hog|watchdog|heartbeat/.test(id)) return "leak";
    return "misuse";
  }

  // --- stacks and source -----------------------------------------------------------

  function code(frame) {
    const lines = data.excerpts[frame.excerpt];
    const indent = Math.min(...lines.filter(([, t]) => t.trim()).map(([, t]) => t.search(/\S/)));
    return el("pre", { class: "code", tabindex: "0" }, lines.map(([n, text]) =>
      el("span", { "data-n": n, class: n === frame.line ? "hit" : false },
        text.slice(Number.isFinite(indent) ? indent : 0) || " ")));
  }

  function frameLine(frame, before) {
    return el("div", { class: "frame" }, before || "", el("b", {}, frame.function),
      el("span", {}, frame.source), frame.inlined ? el("i", {}, "inlined") : "");
  }

  function frameItem(frame, open, before) {
    if (frame.excerpt === undefined) return frameLine(frame, before);
    const item = el("details", { class: "source", open: open ? "" : false }, el("summary", {}, frameLine(frame, before)));
    const fill = () => item.open && item.children.length === 1 && item.append(code(frame));
    item.addEventListener("toggle", fill);
    item.fill = fill; // for those who cannot wait
    fill();
    return item;
  }

  const STACK_SHOWN = 12;
  function stack(frames) {
    if (!frames || !frames.length) return el("p", { class: "fact" }, "No stack is known.");
    const first = Math.max(0, frames.findIndex((f) => f.excerpt !== undefined));
    const items = frames.map((f, i) => el("li", {}, frameItem(f, i === first)));
    const deep = items.length > STACK_SHOWN + 3 ? items.splice(STACK_SHOWN) : [];
    const list = el("ol", { class: "stack" }, items);
    return !deep.length ? list : [list, el("details", { class: "more" },
      el("summary", {}, `${deep.length} frames more`), el("ol", { class: "stack", start: STACK_SHOWN }, deep))];
  }

  // --- tables ------------------------------------------------------------------------

  function table(heads, rows) {
    return el("div", { class: "wide" }, el("table", {},
      el("tr", {}, heads.map((t) => el("th", { scope: "col" }, t))), rows.map((r) => el("tr", {}, r))));
  }
  const cell = (what, at) => el("td", {}, what, at ? el("small", {}, at) : "");

  const waitTable = (rows) => table(["Who", "Waits for, at", "Which is left to"],
    rows.map((r) => [cell(r.who), cell(r.waits, r.waits_at), cell(r.by, r.by_at)]));
  const cycleTable = (rows) => table(["Who", "Holds, taken at", "Waits for, at"],
    rows.map((r) => [cell(r.who), cell(r.holds, r.holds_at), cell(r.waits, r.waits_at)]));
  const scheduleTable = (rows) => table(["Step", "Who", "Does", "At"],
    rows.map((r, i) => [cell(String(i + 1)), cell(r.who), cell(r.does), cell(r.at)]));

  // --- one finding --------------------------------------------------------------------

  function section(title, ...children) {
    return el("section", {}, el("h3", {}, title), children);
  }

  function figure(index, name) { // drawn by the reporter
    const picture = byId(`p${index}-${name}`);
    if (picture) picture.tabIndex = 0; // it may have to be scrolled
    return picture;
  }

  function folded(title, ...children) {
    return el("details", { class: "more" }, el("summary", {}, title), children);
  }

  function waits(f, index) {
    const picture = figure(index, "waits");
    const words = f.wait_for ? waitTable(f.wait_for) : f.cycle ? cycleTable(f.cycle) : "";
    if (!picture && !words) return "";
    return section(f.schedule ? "Who could wait for whom" : "Who waits for whom", picture,
      picture && words ? folded("The same as a table", words) : words);
  }

  function access(a) {
    return el("div", {}, el("h4", {}, a.what, " ", el("small", {}, "by ", a.who)),
      el("p", { class: "fact" }, a.locks ? ["holding ", el("b", {}, a.locks)] : "holding no lock"), stack(a.stack));
  }

  function order(f, index) {
    const picture = figure(index, "order");
    if (!picture && !f.order) return "";
    const words = (f.order || []).map((o) => el("div", { class: "order" }, el("h4", {}, o.head), el("ol", {}, o.steps.map((s) => el("li", {}, s)))));
    return section("What is ordered, and what is not", picture,
      words.length ? folded("The last synchronisation in words", words,
        el("p", { class: "fact" }, `Nothing since then orders the two ${f.pair}.`)) : "");
  }

  function goroutine(g, index) {
    const facts = [];
    if (g.waiting) facts.push(el("p", { class: "fact" }, "is ", el("b", {}, g.waiting), g.since ? ", for " + g.since : ""));
    if (g.labels) facts.push(el("p", { class: "fact" }, "labels: ", el("b", {}, g.labels)));
    for (const h of g.holds || []) facts.push(el("p", { class: "fact" }, el("b", {}, h.held), h.at ? ", at " + h.at : ""),
      h.stack && h.stack.length > 1 ? stack(h.stack) : "");
    const alike = g.count > 1 ? el("p", { class: "fact" }, el("b", {}, `${g.count} goroutines alike: `), g.ids.join(", "), g.count > g.ids.length ? ", \u2026" : "") : "";
    const by = g.parent ? `created in goroutine ${g.parent} by` : "created by";
    return el("div", { class: "goroutine", tabindex: "-1", id: `f${index}-g${g.ids[0]}` }, alike,
      el("h4", {}, g.header, g.name ? el("small", {}, "  " + g.name) : ""), facts, g.stack ? stack(g.stack) : "",
      g.created ? el("div", { class: "created" }, frameItem(g.created, false, el("span", {}, by))) : "");
  }

  function object(o, i, index) {
    return el("tr", { id: `f${index}-o${i}`, tabindex: "-1" }, el("td", {}, o.name), el("td", {}, o.state || ""));
  }

  function copyButton(text, label) {
    const button = el("button", { class: "copy", type: "button" }, label);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select and copy by hand";
      }
      setTimeout(() => { button.textContent = label; }, 1500);
    });
    return button;
  }

  function again(f, index) {
    const text = copyButton(() => byId("t" + index).textContent, "Copy as text");
    return section("Again", el("div", { class: "command" },
      f.reproduce ? [el("code", {}, f.reproduce), copyButton(() => f.reproduce, "Copy command")] : "", text),
      el("p", { class: "fact" }, [f.program, f.pid ? "pid " + f.pid : "", f.time].filter(Boolean).join("  \u00b7  ")));
  }

  function head(f) {
    const [first, ...rest] = f.answer.split(/(?<=\.) (?=[A-Z])/);
    return el("div", { class: "head" },
      el("div", { class: "tags" }, el("h2", { class: "kind" }, f.title),
        f.certainty ? el("span", { class: "pill" }, f.certainty) : "",
        f.seen > 1 ? el("span", {}, `seen ${f.accesses ? "at least " : ""}${f.seen} times`) : "",
        f.suppressed ? el("span", {}, `suppressed by ${f.suppressed}`) : "",
        el("span", {}, f.place || ""), el("span", { class: "end", title: "fingerprint" }, f.fingerprint)),
      el("p", { class: "answer" }, first), rest.length ? el("p", { class: "hint" }, rest.join(" ")) : "");
  }

  function body(f, index) {
    const events = figure(index, "events");
    return [
      f.places ? section("In the source", f.places.map((p) => [p.what ? el("h4", {}, p.what) : "", stack(p.stack)])) : "",
      waits(f, index),
      f.schedule ? section("In this order they wait for each other for ever", scheduleTable(f.schedule)) : "",
      f.accesses ? section(`The two ${f.pair}`, el("div", { class: "pair" }, f.accesses.map(access))) : "",
      order(f, index),
      f.location ? section("Memory", el("h4", {}, f.location), f.location_stack ? stack(f.location_stack) : "") : "",
      f.other ? section("The other side", el("h4", {}, f.other), stack(f.other_stack)) : "",
      events ? section("What they did last", events) : "",
      f.groups ? section("Goroutines", f.groups.map((g) => goroutine(g, index)),
        f.groups_left ? el("p", { class: "fact" }, `and ${f.groups_left} more kinds of goroutine`) : "") : "",
      f.objects ? section("Objects", el("table", { class: "objects" }, f.objects.map((o, i) => object(o, i, index)))) : "",
      again(f, index)].filter(Boolean);
  }

  // --- the list, and what is built of it ---------------------------------------------------

  const near = new IntersectionObserver((seen) => {
    for (const s of seen) if (s.isIntersecting) build(entries[Number(s.target.dataset.index)]);
  }, { rootMargin: "1200px" });

  const entries = findings.map((f, index) => {
    const link = el("a", { href: "#f" + index }, el("b", {}, f.title + (f.seen > 1 ? ` \u00d7${f.seen}` : "")), el("small", {}, f.place || f.certainty || ""));
    const article = el("article", { id: "f" + index, class: family(f.id), tabindex: "-1", "data-index": index, "aria-label": f.title + " " + (f.place || "") }, head(f));
    return { f, index, link, article, item: el("li", { class: family(f.id) }, link), built: false };
  });

  function build(e) {
    if (e.built) return;
    e.built = true;
    near.unobserve(e.article);
    e.article.append(...body(e.f, e.index));
  }

  const words = (e) => (e.words = e.words || (e.f.title + " " + e.f.certainty + " " + byId("t" + e.index).textContent).toLowerCase());
  const shown = () => entries.filter((e) => !e.article.hidden);
  let chosen = null;

  function choose(e) {
    if (chosen) chosen.link.removeAttribute("aria-current");
    chosen = e;
    if (!e) return;
    e.link.setAttribute("aria-current", "true");
    e.link.scrollIntoView({ block: "nearest" });
  }

  function go(e) { // there, and nowhere else: what comes before must not grow meanwhile
    const all = shown(), at = all.indexOf(e);
    for (const one of all.slice(Math.max(0, at - 2), at + 2)) build(one);
    choose(e);
    byHand = false;
    e.article.focus({ preventScroll: true });
    e.article.scrollIntoView({ block: "start" });
    history.replaceState(null, "", "#f" + e.index);
  }

  // "#f3", "#f3-g7", "#f3-o0": a goroutine that is one of several alike is where the first of them is.
  function follow(hash) {
    const [, index, kind, number] = hash.match(/^#f(\d+)(?:-([go])(\d+))?$/) || [];
    const e = entries[Number(index)];
    if (!e) return false;
    if (e.article.hidden) reset();
    go(e);
    const groups = e.f.groups || [];
    const group = kind === "g" && groups.find((g) => g.ids.includes(Number(number)));
    const target = byId(group ? `f${index}-g${group.ids[0]}` : `f${index}-${kind}${number}`);
    if (!target) return true;
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
    target.classList.remove("flash");
    target.getBoundingClientRect(); // so that the animation begins anew
    target.classList.add("flash");
    history.replaceState(null, "", hash);
    return true;
  }

  // --- filters and search ----------------------------------------------------------------

  const off = { id: new Set(), certainty: new Set() };
  const chips = [];
  const empty = el("div", { class: "none" });

  function apply() {
    const wanted = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const e of entries) {
      const hidden = off.id.has(e.f.id) || off.certainty.has(e.f.certainty) || !wanted.every((w) => words(e).includes(w));
      if (e.article.hidden !== hidden) e.article.hidden = e.item.hidden = hidden;
    }
    const n = shown().length;
    byId("shown").textContent = n < findings.length ? `${n} of ${findings.length} shown` : "";
    empty.hidden = n > 0;
    empty.replaceChildren(findings.length ? "Nothing matches." : el("b", {}, "No findings."), findings.length ? "" : "The file holds none.");
    if (chosen && chosen.article.hidden) choose(null);
    for (const c of chips) c.node.setAttribute("aria-pressed", String(!off[c.field].has(c.value)));
  }

  function reset() {
    byId("search").value = "";
    off.id.clear();
    off.certainty.clear();
    apply();
  }

  function toggle(chip, only) {
    const set = off[chip.field];
    const alone = chips.filter((c) => c.field === chip.field && !set.has(c.value)).length === 1 && !set.has(chip.value);
    if (only) {
      set.clear();
      if (!alone) for (const c of chips) if (c.field === chip.field && c !== chip) set.add(c.value);
    } else if (!set.delete(chip.value)) {
      set.add(chip.value);
    }
    apply();
  }

  function addChips(field, label) {
    const counts = new Map();
    for (const f of findings) counts.set(f[field], (counts.get(f[field]) || 0) + 1);
    if (counts.size < 2) return;
    if (chips.length) byId("filters").append(el("i", { class: "break" }));
    for (const [value, count] of counts) {
      const node = el("button", { class: "chip", type: "button", "aria-pressed": "true", title: "Show or hide; with Shift: this one alone" }, label(value), el("span", {}, String(count)));
      const chip = { field, value, node };
      node.addEventListener("click", (event) => toggle(chip, event.shiftKey));
      chips.push(chip);
      byId("filters").append(node);
    }
  }

  // --- the page -------------------------------------------------------------------------

  function headline() {
    const real = findings.filter((f) => f.id !== "goroutine-dump");
    const kinds = new Set(real.map((f) => f.id)).size;
    const count = `${real.length} finding${real.length === 1 ? "" : "s"}`;
    const programs = [...new Set(findings.map((f) => f.program).filter(Boolean))].map((p) => p.replace(/.*\//, ""));
    byId("headline").append(el("b", {}, count), kinds > 1 ? ` of ${kinds} kinds` : "", programs.length ? " in " : "",
      el("b", {}, programs.slice(0, 3).join(", ")), programs.length > 3 ? ` and ${programs.length - 3} more` : "",
      data.source ? `  \u00b7  ${data.source}` : "");
    document.title = `${count}${programs.length ? " in " + programs[0] : ""} \u2013 Weir`;
  }

  // The finding at the top of the window: where `j` goes on from when somebody has scrolled. What the
  // page itself scrolls to may not reach the top.
  function atTop() {
    const all = shown();
    let low = 0, high = all.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle].article.getBoundingClientRect().bottom > 120) high = middle;
      else low = middle + 1;
    }
    return all[low];
  }

  let byHand = false, waiting = false;
  function onScroll() {
    if (!byHand || waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const e = atTop();
      if (byHand && e && e !== chosen) choose(e);
    });
  }

  function step(by) {
    const all = shown();
    const at = all.indexOf(chosen);
    if (all.length) go(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  function unfold() { // all sources of the finding, or none
    if (!chosen) return;
    build(chosen);
    const all = [...chosen.article.querySelectorAll("details.source, details.more")];
    const open = all.some((d) => !d.open);
    for (const d of all) d.open = open;
  }

  const keys = { j: () => step(1), k: () => step(-1), x: unfold, "/": () => byId("search").focus() };

  function onKey(event) {
    const typing = event.target === byId("search");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      byId("search").blur();
      reset();
    } else if (!typing && Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    } else if (typing && event.key === "Enter" && shown().length) {
      go(shown()[0]);
    } else {
      byHand = byHand || /^(Page|Arrow|Home|End| )/.test(event.key);
    }
  }

  function onLink(event) {
    const link = event.target.closest("a");
    const hash = link && link.getAttribute("href");
    if (hash && follow(hash)) event.preventDefault();
  }

  let opened = [];
  function beforePrint() {
    for (const e of shown()) build(e);
    opened = [...document.querySelectorAll("article:not([hidden]) details:not([open])")];
    for (const d of opened) {
      d.open = true;
      if (d.fill) d.fill();
    }
  }

  function start() {
    headline();
    addChips("id", (v) => v.replace(/-/g, " "));
    addChips("certainty", (v) => v || "?");
    byId("list").append(...entries.map((e) => e.item));
    byId("findings").append(...entries.map((e) => e.article), empty);
    byId("search").addEventListener("input", apply);
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onLink);
    addEventListener("hashchange", () => follow(location.hash));
    addEventListener("beforeprint", beforePrint);
    addEventListener("afterprint", () => { for (const d of opened) d.open = false; });
    for (const by of ["wheel", "touchmove", "pointerdown"]) addEventListener(by, () => { byHand = true; }, { passive: true });
    addEventListener("scroll", onScroll, { passive: true });
    byId("top").hidden = byId("layout").hidden = false;
    apply();
    for (const e of entries) near.observe(e.article);
    if (!follow(location.hash)) choose(entries[0] || null);
  }

  start();
})();
