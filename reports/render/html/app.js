// SPDX-License-Identifier: Apache-2.0
//
// Builds the page from the data element. Text enters the document as text nodes only
// (el, below), never as markup. State is three things: the search words, the kinds and
// the certainties that are switched on; nothing is stored and nothing is fetched.
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

  function svg(tag, attributes, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function family(id) {
    if (id === "data-race") return "race";
    if (id === "goroutine-dump") return "dump";
    if (/deadlock|lock-order/.test(id)) return "lock";
    if (/leak|stuck|starv|livelock|hog/.test(id)) return "leak";
    return "misuse";
  }

  // --- stacks and source -----------------------------------------------------------

  function code(frame) {
    const lines = frame.excerpt;
    const indent = Math.min(...lines.filter(([, t]) => t.trim()).map(([, t]) => t.search(/\S/)));
    return el("pre", { class: "code" }, lines.map(([n, text]) =>
      el("span", { "data-n": n, class: n === frame.line ? "hit" : false },
        text.slice(Number.isFinite(indent) ? indent : 0) || " ")));
  }

  function frameLine(frame, before) {
    return el("div", { class: "frame" }, before || "", el("b", {}, frame.function),
      el("span", {}, frame.source), frame.inlined ? el("i", {}, "inlined") : "");
  }

  function frameItem(frame, open, before) {
    if (!frame.excerpt) return frameLine(frame, before);
    return el("details", { open: open ? "" : false },
      el("summary", {}, frameLine(frame, before)), code(frame));
  }

  function stack(frames) {
    if (!frames || !frames.length) return el("p", { class: "fact" }, "No stack is known.");
    const first = Math.max(0, frames.findIndex((f) => f.excerpt));
    return el("ol", { class: "stack" }, frames.map((f, i) => el("li", {}, frameItem(f, i === first))));
  }

  // --- the cycle as a picture --------------------------------------------------------
  // Goroutines and what they wait for stand in turn around an ellipse, in the order of
  // the cycle; an arrow leads from a goroutine to what it waits for, and from that to
  // the goroutine that has it.

  function boxEdge(from, to) { // where the line from -> to leaves the box of `from`
    const dx = to.x - from.x, dy = to.y - from.y;
    const scale = Math.min(dx ? (from.w / 2 + 4) / Math.abs(dx) : 9e9, dy ? (from.h / 2 + 4) / Math.abs(dy) : 9e9);
    return { x: from.x + dx * scale, y: from.y + dy * scale };
  }

  function arrow(picture, from, to, center, waits, label) {
    const mid = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    let ox = mid.x - center.x, oy = mid.y - center.y;
    const length = Math.hypot(ox, oy);
    if (length < 1) { ox = 0; oy = waits ? -1 : 1; } else { ox /= length; oy /= length; }
    const bend = length < 1 ? 62 : 26;
    const control = { x: mid.x + ox * bend, y: mid.y + oy * bend };
    const a = boxEdge(from, control), b = boxEdge(to, control);
    picture.append(svg("path", {
      d: `M${a.x},${a.y}Q${control.x},${control.y} ${b.x},${b.y}`,
      class: waits ? "waits" : "has", "marker-end": waits ? "url(#tip-w)" : "url(#tip-h)",
    }));
    const x = (a.x + 2 * control.x + b.x) / 4, y = (a.y + 2 * control.y + b.y) / 4;
    label.forEach((text, i) => picture.append(svg("text", {
      x, y: y + 4 + (i - (label.length - 1) / 2) * 15, class: "label" + (waits ? " w" : ""),
    }, text)));
  }

  function short(text, most) {
    return text.length > most ? text.slice(0, most - 1) + "\u2026" : text;
  }

  function node(picture, n) {
    picture.append(svg("rect", { x: n.x - n.w / 2, y: n.y - n.h / 2, width: n.w, height: n.h, rx: n.goroutine ? 7 : n.h / 2, class: n.goroutine ? "g" : "o" }));
    picture.append(svg("text", { x: n.x, y: n.y + (n.sub ? -3 : 5) }, n.text));
    if (n.sub) picture.append(svg("text", { x: n.x, y: n.y + 14, class: "sub" }, n.sub));
  }

  function tip(id, className) {
    const marker = svg("marker", { id, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" });
    marker.append(svg("path", { d: "M0,0L10,5L0,10z", class: className }));
    return marker;
  }

  function place(at) {
    return at ? at.replace(/ in .*/, "") : "";
  }

  function cyclePicture(cycle) {
    const n = cycle.length, round = n > 1;
    const wide = n > 3; // no room for labels then: the table has them
    const width = wide ? 1080 : 780, height = round ? 250 + 60 * (n - 1) : 190;
    const center = { x: width / 2, y: height / 2 };
    const rx = wide ? 440 : round ? 285 : 190, ry = round ? height / 2 - 40 : 0;
    const nodes = cycle.flatMap((row, i) => {
      const at = (k) => { // goroutine 0 at the left, then clockwise
        const angle = Math.PI + (Math.PI * k) / n;
        return { x: center.x + rx * Math.cos(angle), y: center.y + ry * Math.sin(angle) };
      };
      const name = (row.who || "").match(/^(\w+ \d+)(?: \((.*)\))?$/) || [row.who, row.who, ""];
      const object = (row.waits || "").match(/^(channel|mutex|wait group|rwmutex|once) (.*)$/);
      return [
        { ...at(2 * i), w: 160, h: 48, goroutine: true, text: short(name[1], 22), sub: short(name[2] || "", 22) },
        { ...at(2 * i + 1), w: 176, h: 46, text: short(object ? object[2] : row.waits || "?", 24), sub: object ? object[1] : "" },
      ];
    });
    const picture = svg("svg", { class: "picture", viewBox: `0 0 ${width} ${height}`, role: "img" });
    picture.append(svg("title", {}, "Who waits for whom: " + cycle.map((r) => `${r.who} waits for ${r.waits}`).join(", ")));
    const defs = svg("defs");
    defs.append(tip("tip-w", "tip-w"), tip("tip-h", "tip-h"));
    picture.append(defs);
    cycle.forEach((row, i) => {
      const next = cycle[(i + 1) % n];
      const g = nodes[2 * i], o = nodes[2 * i + 1], holder = nodes[(2 * i + 2) % (2 * n)];
      arrow(picture, g, o, center, true, wide ? [] : ["waits for", place(row.waits_at)].filter(Boolean));
      arrow(picture, o, holder, center, false, wide ? [] : [row.link, place(next.holds_at)].filter(Boolean));
    });
    nodes.forEach((one) => node(picture, one));
    if (wide) picture.append(svg("text", { x: center.x, y: center.y - 10, class: "label w" }, "dashed: waits for"), svg("text", { x: center.x, y: center.y + 12, class: "label" }, "solid: held by, or left to"));
    return picture;
  }

  const cell = (what, at) => el("td", {}, what, at ? el("small", {}, at) : "");

  function waitTable(rows) {
    return el("table", {},
      el("tr", {}, ["Who", "Waits for, at", "Which is left to"].map((t) => el("th", {}, t))),
      rows.map((r) => el("tr", {}, cell(r.who), cell(r.waits, r.waits_at), cell(r.by, r.by_at))));
  }

  function cycleTable(cycle) {
    return el("table", {},
      el("tr", {}, ["Who", "Holds, taken at", "Waits for, at"].map((t) => el("th", {}, t))),
      cycle.map((r) => el("tr", {}, cell(r.who), cell(r.holds, r.holds_at), cell(r.waits, r.waits_at))));
  }

  function scheduleTable(rows) {
    return el("table", {},
      el("tr", {}, ["Step", "Who", "Does", "At"].map((t) => el("th", {}, t))),
      rows.map((r, i) => el("tr", {}, [String(i + 1), r.who, r.does, r.at].map((t) => el("td", {}, t || "")))));
  }

  // --- one finding --------------------------------------------------------------------

  function section(title, ...children) {
    return el("section", {}, el("h3", {}, title), children);
  }

  function access(a) {
    return el("div", {}, el("h4", {}, a.what, " ", el("small", {}, "by ", a.who)),
      el("p", { class: "fact" }, a.locks ? ["holding ", el("b", {}, a.locks)] : "holding no lock"), stack(a.stack));
  }

  function order(o) {
    return el("div", {}, el("h4", {}, o.head), el("ol", {}, o.steps.map((step) => el("li", {}, step))));
  }

  function goroutine(g) {
    const facts = [];
    if (g.waiting) facts.push(el("p", { class: "fact" }, "is ", el("b", {}, g.waiting), g.since ? ", for " + g.since : ""));
    if (g.labels) facts.push(el("p", { class: "fact" }, "labels: ", el("b", {}, g.labels)));
    for (const h of g.holds) facts.push(el("p", { class: "fact" }, el("b", {}, h.held), h.at ? ", at " + h.at : "", h.stack && h.stack.length > 1 ? stack(h.stack) : ""));
    const alike = g.count > 1 ? el("p", { class: "fact" }, el("b", {}, `${g.count} goroutines alike: `), g.ids.join(", "), g.count > g.ids.length ? ", \u2026" : "") : "";
    const name = g.name ? el("small", {}, "  " + g.name) : "";
    return el("div", { class: "goroutine" }, alike, el("h4", {}, g.header, name), facts,
      g.stack.length ? stack(g.stack) : "",
      g.created ? el("div", { class: "created" }, frameItem(g.created, false, el("span", {}, g.parent ? `created in goroutine ${g.parent} by` : "created by"))) : "");
  }

  function copyButton(text, label) {
    const button = el("button", { class: "copy", type: "button" }, label);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select and copy by hand";
      }
      setTimeout(() => { button.textContent = label; }, 1500);
    });
    return button;
  }

  function head(f) {
    const [first, ...rest] = f.answer.split(/(?<=\.) (?=[A-Z])/);
    return el("div", { class: "head" },
      el("div", { class: "tags" }, el("span", { class: "kind" }, f.title),
        f.certainty ? el("span", { class: "pill" }, f.certainty) : "",
        f.seen > 1 ? el("span", {}, `seen ${f.accesses.length ? "at least " : ""}${f.seen} times`) : "",
        f.suppressed ? el("span", {}, `suppressed by ${f.suppressed}`) : "",
        el("span", {}, f.place || ""), el("span", { class: "end", title: "fingerprint" }, f.fingerprint)),
      el("p", { class: "answer" }, first), rest.length ? el("p", { class: "hint" }, rest.join(" ")) : "");
  }

  function article(f, index) {
    const parts = [head(f)];
    const picture = f.cycle.length && f.cycle.length <= 6 ? cyclePicture(f.cycle) : "";
    if (f.wait_for.length) parts.push(section("Who waits for whom", picture, waitTable(f.wait_for)));
    else if (f.cycle.length) parts.push(section(f.schedule.length ? "Who could wait for whom" : "Who waits for whom", picture, cycleTable(f.cycle)));
    if (f.schedule.length) parts.push(section("In this order they wait for each other for ever", scheduleTable(f.schedule)));
    if (f.accesses.length) parts.push(section(`The two ${f.pair}`, el("div", { class: "pair" }, f.accesses.map(access))));
    if (f.location) parts.push(section("Memory", el("h4", {}, f.location), f.location_stack.length ? stack(f.location_stack) : ""));
    if (f.order.length) parts.push(section("Last synchronisation between the two", f.order.map(order),
      el("p", { class: "fact" }, `Nothing since then orders the two ${f.pair}.`)));
    if (f.other) parts.push(section("The other side", el("h4", {}, f.other), stack(f.other_stack)));
    if (f.groups.length) parts.push(section("Goroutines", f.groups.map(goroutine),
      f.groups_left ? el("p", { class: "fact" }, `and ${f.groups_left} more kinds of goroutine`) : ""));
    if (f.objects.length) parts.push(section("Objects", el("table", { class: "objects" },
      f.objects.map((o) => el("tr", {}, el("td", {}, o.name), el("td", {}, o.state || ""))))));
    parts.push(section("Again", f.reproduce ? el("div", { class: "command" }, el("code", {}, f.reproduce), copyButton(f.reproduce, "Copy command"), copyButton(f.text, "Copy as text")) : copyButton(f.text, "Copy as text"),
      el("p", { class: "fact" }, [f.program, f.pid ? "pid " + f.pid : "", f.time].filter(Boolean).join("  \u00b7  "))));
    return el("article", { id: "f" + index, class: family(f.id), tabindex: "-1", "aria-label": f.title + " " + (f.place || "") }, parts);
  }

  // --- the page -------------------------------------------------------------------------

  const off = { id: new Set(), certainty: new Set() };
  const entries = findings.map((f, i) => {
    const link = el("a", { href: "#f" + i }, el("b", {}, f.title + (f.seen > 1 ? ` \u00d7${f.seen}` : "")), el("small", {}, f.place || f.certainty || ""));
    return { f, article: article(f, i), link, item: el("li", { class: family(f.id) }, link), words: JSON.stringify(f).toLowerCase() };
  });
  let chosen = null;

  function shown() {
    return entries.filter((e) => !e.article.hidden);
  }

  function choose(e, scroll) {
    chosen = e;
    for (const one of entries) one.link.toggleAttribute("aria-current", false);
    if (!e) return;
    e.link.setAttribute("aria-current", "true");
    if (scroll) {
      e.article.focus({ preventScroll: true });
      e.article.scrollIntoView({ block: "start" });
    }
  }

  const empty = el("div", { class: "none" });
  function apply() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const e of entries) {
      const hidden = off.id.has(e.f.id) || off.certainty.has(e.f.certainty) || !words.every((w) => e.words.includes(w));
      e.article.hidden = e.item.hidden = hidden;
    }
    const n = shown().length;
    empty.hidden = n > 0;
    empty.replaceChildren(findings.length ? "Nothing matches." : el("b", {}, "No findings."), findings.length ? "" : "The file holds none.");
    if (chosen && chosen.article.hidden) choose(null);
  }

  function chips(field, label) {
    const counts = new Map();
    for (const f of findings) counts.set(f[field], (counts.get(f[field]) || 0) + 1);
    if (counts.size < 2) return [];
    return [...counts].map(([value, count]) => {
      const chip = el("button", { class: "chip", type: "button", "aria-pressed": "true", title: `show or hide: ${label(value)}` }, label(value), el("span", {}, String(count)));
      chip.addEventListener("click", () => {
        const on = off[field].has(value);
        off[field][on ? "delete" : "add"](value);
        chip.setAttribute("aria-pressed", String(on));
        apply();
      });
      return chip;
    });
  }

  function headline() {
    const real = findings.filter((f) => f.id !== "goroutine-dump");
    const kinds = new Set(real.map((f) => f.id)).size;
    const count = `${real.length} finding${real.length === 1 ? "" : "s"}`;
    const programs = [...new Set(findings.map((f) => f.program).filter(Boolean))].map((p) => p.replace(/.*\//, ""));
    byId("headline").append(el("b", {}, count), kinds > 1 ? ` of ${kinds} kinds` : "", programs.length ? " in " : "",
      el("b", {}, programs.slice(0, 3).join(", ")), data.source ? `  \u00b7  ${data.source}` : "");
    document.title = `${count}${programs.length ? " in " + programs[0] : ""} \u2013 Weir`;
  }

  function step(by) {
    const all = shown();
    if (!all.length) return;
    const at = all.indexOf(chosen);
    choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))], true);
  }

  function onKey(event) {
    const typing = event.target === byId("search");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      byId("search").value = "";
      byId("search").blur();
      apply();
    } else if (!typing && event.key === "/") {
      event.preventDefault();
      byId("search").focus();
    } else if (!typing && event.key === "j") step(1);
    else if (!typing && event.key === "k") step(-1);
  }

  function start() {
    headline();
    const kinds = chips("id", (v) => v.replace(/-/g, " ")), sure = chips("certainty", (v) => v || "?");
    byId("filters").append(...kinds, ...(kinds.length && sure.length ? [el("i", { class: "break" })] : []), ...sure);
    byId("list").append(...entries.map((e) => e.item));
    byId("findings").append(...entries.map((e) => e.article), empty);
    for (const e of entries) e.link.addEventListener("click", (event) => { event.preventDefault(); choose(e, true); });
    byId("search").addEventListener("input", apply);
    document.addEventListener("keydown", onKey);
    let opened = [];
    addEventListener("beforeprint", () => {
      opened = [...document.querySelectorAll("details:not([open])")];
      for (const d of opened) d.open = true;
    });
    addEventListener("afterprint", () => { for (const d of opened) d.open = false; });
    byId("top").hidden = byId("layout").hidden = false;
    apply();
    choose(entries[0] || null);
  }

  start();
})();
