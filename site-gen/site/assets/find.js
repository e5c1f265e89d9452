// Search, as far as every page has it.
//
// 1. The field in the masthead, which leads to the search page. 2. Folding: texts and queries are made alike, as the program did when
// it wrote the index (site-gen/src/search/fold.rs). 3. Files of the index, loaded as scripts: pages opened from a disk may not fetch.
// 4. A page that was opened from a result (`#q=words&at=place`) marks what was found and goes there.
//
// A classic script. Reading needs none of it.
(function () {
  "use strict";
  const holder = document.querySelector("[data-find]");
  if (!holder) return;
  const page = holder.getAttribute("data-find");
  const words = JSON.parse(holder.getAttribute("data-words"));
  const base = page.replace(/search\.html$/, "search/");
  // As `fill` in words.rs: each {} is the next value, and what stands in brackets agrees with the number before it.
  const say = (phrase, ...values) => {
    let one = false;
    return phrase.replace(/\{\}|\[([^\]|]*)(\|([^\]]*))?\]/g, (hole, first, both, second) => {
      if (hole !== "{}") return one ? (both ? first : "") : (both ? second : first);
      const value = String(values.shift());
      one = value === "1";
      return value;
    });
  };

  // ---- Folding ----

  const attached = "[\\p{M}\\u1160-\\u11ff\\uff9e-\\uffdc]";
  const cluster = new RegExp("[^]" + attached + "*", "gu");
  const unseen = /[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e0fff}]/u;
  const letter = new RegExp("[\\p{Alphabetic}\\p{N}\\p{M}]", "u");
  const gram = new RegExp(
    "[\\u0e01-\\u0e3a\\u0e40-\\u0e4e\\u0e81-\\u0ece\\u0edc-\\u0edf\\u1000-\\u103f\\u1050-\\u108f\\u1100-\\u11ff\\u1780-\\u17d3" +
      "\\u2600-\\u27bf\\u3005-\\u3007\\u3021-\\u3029\\u3041-\\u3096\\u3099\\u309a\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff" +
      "\\u3105-\\u312f\\u3131-\\u318e\\u31a0-\\u31bf\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua960-\\ua97c\\uac00-\\ud7fb" +
      "\\uf900-\\ufaff\\u{1f000}-\\u{1faff}\\u{20000}-\\u{3ffff}]", "u");
  const GAP = 0, WORD = 1, GRAM = 2;

  function classOf(c) {
    if (c >= "a" && c <= "z" || c >= "0" && c <= "9") return c.length === 1 ? WORD : GAP;
    if (c <= "\u007f") return GAP;
    if (c >= "\u4e00" && c <= "\u9fff") return GRAM;
    return gram.test(c) ? GRAM : letter.test(c) ? WORD : GAP;
  }

  // The folded characters of a text, and where in the text each begins and ends.
  function normal(text, fold) {
    const chars = [], from = [], to = [];
    const add = (c, start, end) => {
      if (unseen.test(c)) return;
      const shown = classOf(c) !== GAP ? c : c === "\n" ? "\n" : " ";
      const last = chars.length - 1;
      if (shown === " " || shown === "\n") {
        if (last < 0) return;
        if (chars[last] === " " || chars[last] === "\n") {
          if (shown === "\n") chars[last] = "\n";
          return;
        }
      }
      chars.push(shown);
      from.push(start);
      to.push(end);
    };
    cluster.lastIndex = 0;
    for (let found = cluster.exec(text); found; found = cluster.exec(text)) {
      const piece = found[0], start = found.index, end = start + piece.length;
      const plain = piece.length === 1 && (piece <= "\u007f" || piece >= "\u4e00" && piece <= "\u9fff");
      for (const c of plain ? piece : piece.normalize("NFKC")) {
        for (const low of c.toLowerCase()) add(low === "ς" ? "σ" : fold.get(low) || low, start, end);
      }
    }
    return { chars, from, to };
  }

  // What was typed, as terms: words parted by spaces and Chinese punctuation, and phrases in any quotation marks.
  function terms(query, fold) {
    const out = [];
    const pattern = /["“”„＂「」『』]([^"“”„＂「」『』]*)["“”„＂「」『』]?|[^\s"“”„＂「」『』，。、；：！？…—～·（）《》〈〉【】〔〕]+/g;
    for (let found = pattern.exec(query); found; found = pattern.exec(query)) {
      const exact = found[1] !== undefined;
      const chars = normal((exact ? found[1] : found[0]).replace(/\n/g, " "), fold).chars;
      if (chars[chars.length - 1] === " ") chars.pop();
      if (chars.length) out.push({ chars, exact, raw: found[0] });
    }
    return out;
  }

  // Where the terms stand in a text: pairs of offsets, in order, without overlaps.
  function locate(text, wanted, fold) {
    const { chars, from, to } = normal(text, fold);
    const ranges = [];
    for (const { chars: term, exact } of wanted) {
      const startsWord = classOf(term[0]) === WORD, endsWord = exact && classOf(term[term.length - 1]) === WORD;
      for (let i = 0; i + term.length <= chars.length; i++) {
        if (chars[i] !== term[0]) continue;
        if (startsWord && i > 0 && classOf(chars[i - 1]) === WORD) continue;
        let k = 1;
        while (k < term.length && chars[i + k] === term[k]) k++;
        if (k < term.length) continue;
        if (endsWord && i + k < chars.length && classOf(chars[i + k]) === WORD) continue;
        ranges.push([from[i], to[i + k - 1]]);
      }
    }
    ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const merged = [];
    for (const range of ranges) {
      const last = merged[merged.length - 1];
      if (last && range[0] < last[1]) last[1] = Math.max(last[1], range[1]);
      else merged.push(range);
    }
    return merged;
  }

  // ---- Files of the index ----

  const waiting = new Map(), loaded = new Map();
  let stamp = null;
  window.circlekeepSearch = (of, name, data) => {
    const wait = waiting.get(name);
    if (!wait) return;
    if (stamp === null) stamp = of;
    if (stamp === of) wait.done(data);
    else wait.fail(Object.assign(new Error(name), { stale: true }));
  };

  function load(name) {
    if (!loaded.has(name)) {
      const path = base + name + ".js";
      loaded.set(name, new Promise((done, fail) => {
        waiting.set(name, { done, fail });
        const script = document.createElement("script");
        script.src = path;
        script.onerror = () => fail(Object.assign(new Error(name), { file: "search/" + name + ".js" }));
        script.onload = () => {
          script.remove();
          fail(Object.assign(new Error(name), { file: "search/" + name + ".js" }));
        };
        document.head.appendChild(script);
      }).catch((error) => {
        loaded.delete(name);
        throw error;
      }));
    }
    return loaded.get(name);
  }

  const folding = () => load("fold").then((pairs) => {
    const fold = new Map(), all = Array.from(pairs);
    for (let i = 0; i + 1 < all.length; i += 2) fold.set(all[i], all[i + 1]);
    return fold;
  });

  window.circlekeepFind = { GAP, WORD, GRAM, classOf, normal, terms, locate, load, folding, say, page };

  // ---- The field in the masthead ----

  function field() {
    if (document.getElementById("search")) return;
    const form = document.createElement("form");
    form.setAttribute("role", "search");
    form.className = "find-form";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = words.search_field;
    input.autocomplete = "off";
    input.setAttribute("aria-label", words.search_field);
    input.setAttribute("enterkeyhint", "search");
    const button = document.createElement("button");
    button.type = "submit";
    button.textContent = words.search;
    form.append(input, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const query = input.value.trim();
      location.href = page + (query ? "#q=" + encodeURIComponent(query) : "");
    });
    holder.appendChild(form);
  }

  // ---- Marks on a page that was found ----

  const BLOCKS = new Set(("P BR HR DIV SECTION ARTICLE ASIDE HEADER FOOTER MAIN H1 H2 H3 H4 H5 H6 UL OL LI DL DT DD TABLE CAPTION TR TD TH " +
    "BLOCKQUOTE PRE FIGURE FIGCAPTION DETAILS SUMMARY AUDIO VIDEO METER IMG").split(" "));
  const SKIPPED = "script, style, template, nav, button, .byline, .post-kind, .date-note, .reply-to, .as-text, .tombstone-what, .quoted-by, .poll > h2, " +
    ".poll-votes, .attachments > h2, .counts, .original, .long-note, .footnote-reference, .footnote-definition-label, .footnote-back, [data-search=no]";
  let marks = [], bar = null, at = -1;

  function gather(node, out) {
    if (node.nodeType === 3) {
      out.nodes.push([node, out.text.length]);
      out.text += node.data.replace(/[\n\r\t]/g, " ");
    } else if (node.nodeType === 1 && !node.matches(SKIPPED)) {
      const parts = BLOCKS.has(node.tagName);
      if (parts) out.text += "\n";
      node.childNodes.forEach((child) => gather(child, out));
      if (parts) out.text += "\n";
    }
    return out;
  }

  function mark(root, wanted, fold) {
    const { nodes, text } = gather(root, { nodes: [], text: "" });
    const ranges = locate(text, wanted, fold);
    // From the end, so that what is before keeps its place while nodes are split.
    for (let n = nodes.length - 1, r = ranges.length - 1; n >= 0; n--) {
      const [node, start] = nodes[n], end = start + node.data.length;
      while (r >= 0 && ranges[r][0] >= end) r--;
      for (let k = r; k >= 0 && ranges[k][1] > start; k--) {
        const from = Math.max(ranges[k][0] - start, 0), to = Math.min(ranges[k][1] - start, node.data.length);
        if (from >= to) continue;
        const inside = node.splitText(from);
        inside.splitText(to - from);
        const box = document.createElement("mark");
        box.className = "found";
        inside.replaceWith(box);
        box.appendChild(inside);
        if (ranges[k][0] >= start) box.dataset.first = "";
      }
    }
  }

  function unmark() {
    document.querySelectorAll("mark.found").forEach((box) => {
      const parent = box.parentNode;
      box.replaceWith(...box.childNodes);
      parent.normalize();
    });
    document.querySelectorAll(".found-at").forEach((element) => element.classList.remove("found-at"));
    if (bar) bar.remove();
    marks = [];
    bar = null;
    at = -1;
  }

  function go(step) {
    if (!marks.length) return;
    if (marks[at]) marks[at].classList.remove("found-now");
    at = (at + step + marks.length) % marks.length;
    const here = marks[at];
    here.classList.add("found-now");
    for (let box = here.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    here.scrollIntoView({ block: "center" });
    bar.firstChild.textContent = say(words.found_here, String(at + 1), String(marks.length));
  }

  function showBar() {
    bar = document.createElement("div");
    bar.className = "found-bar";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words.search);
    const count = document.createElement("span");
    count.setAttribute("role", "status");
    bar.appendChild(count);
    for (const [label, act] of [[words.found_previous, () => go(-1)], [words.found_next, () => go(1)], [words.found_clear, unmark]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", act);
      bar.appendChild(button);
    }
    document.body.appendChild(bar);
  }

  function arrived() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const query = parts.get("q");
    if (document.getElementById("search")) return;
    unmark();
    if (!query) return;
    const target = parts.get("at") && document.getElementById(parts.get("at"));
    if (target) {
      target.classList.add("found-at");
      target.scrollIntoView({ block: "start" });
    }
    folding().then((fold) => {
      const wanted = terms(query, fold);
      const post = document.querySelector("article.post") || document.querySelector("main");
      if (post) mark(post, wanted, fold);
      document.querySelectorAll(".circle-thread .circle-text").forEach((text) => mark(text, wanted, fold));
      marks = Array.from(document.querySelectorAll("mark.found[data-first]"));
      if (!marks.length) return;
      showBar();
      const first = target ? marks.findIndex((box) => target.contains(box)) : 0;
      at = Math.max(first, 0) - 1;
      go(1);
    }, () => {});
  }

  field();
  arrived();
  window.addEventListener("hashchange", arrived);
})();
