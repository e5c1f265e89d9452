// The search page: reads the index that the program wrote (site-gen/src/search/lists.rs says how) and shows what it finds.
//
// 1. The address says what is asked: `#q=words&member=…&tag=…&month=…&space=…&sort=…`. 2. Every term becomes keys, every key a list
// of places; lists are joined where their places fit, so what comes out is exact. 3. A post counts when it has all terms, in its text
// or in its comments. 4. The texts of the posts on view are loaded last, to quote from.
(function () {
  "use strict";
  const find = window.circlekeepFind;
  const byId = (id) => document.getElementById("search-" + id);
  if (!find || !byId("form")) return;
  const { GAP, WORD, GRAM, classOf, say } = find;
  const words = JSON.parse(document.getElementById("search").dataset.words);
  const form = byId("form"), input = byId("q"), status = byId("status"), results = byId("results"), more = byId("more");
  const FILTERS = ["member", "tag", "month", "space"], PARTS = ["q"].concat(FILTERS, "sort");
  const PAGE = 10, PAUSE = 150, QUOTES = 3, NEAR = 4, WAYS = 9;
  // A place is its unit times this, plus its offset there.
  const UNIT = 4194304, LONGEST_WORD = 24;

  // ---- The index ----

  const DIGITS = "!#$%&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}";
  const VALUE = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i++) VALUE[DIGITS.charCodeAt(i)] = i;

  function numbers(text) {
    const out = [];
    for (let i = 0, number = 0; i < text.length; i++) {
      const digit = VALUE[text.charCodeAt(i)];
      if (digit < 45) {
        out.push(number * 45 + digit);
        number = 0;
      } else {
        number = number * 45 + digit - 45;
      }
    }
    return out;
  }

  function places(list, out) {
    const read = numbers(list);
    for (let i = 0, unit = -1; i < read.length;) {
      const step = read[i++];
      unit += Math.floor(step / 2);
      for (let left = step % 2 ? read[i++] + 2 : 1, at = 0; left > 0; left--) {
        at += read[i++];
        out.push(unit * UNIT + at);
      }
    }
    return out;
  }

  let opening = null;
  function open() {
    if (!opening) {
      opening = Promise.all([find.load("index"), find.folding()]).then(([main, fold]) => {
        const sizes = numbers(main.sizes), postOf = new Int32Array(main.units), firstUnit = new Int32Array(main.posts + 1);
        sizes.forEach((size, post) => {
          firstUnit[post + 1] = firstUnit[post] + size;
          postOf.fill(post, firstUnit[post], firstUnit[post + 1]);
        });
        // A post has as many comments as units besides its own, if nothing else is written.
        const comments = sizes.map((size) => size - 1), others = numbers(main.comments);
        for (let i = 0, post = -1; i + 1 < others.length; i += 2) {
          post += others[i];
          comments[post] = others[i + 1];
        }
        const firstPost = [0];
        numbers(main.texts).forEach((count) => firstPost.push(firstPost[firstPost.length - 1] + count));
        return { main, fold, postOf, firstUnit, firstPost, comments };
      }).catch((error) => {
        opening = null;
        throw error;
      });
    }
    return opening;
  }

  // The last one of an ascending row that is not after `value`.
  function lastUpTo(row, value) {
    let low = 0, high = row.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (row[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }

  const read = new Map();
  function piece(number) {
    if (!read.has(number)) {
      read.set(number, find.load("i" + number).then((text) => new Map(text.split("\n").map((line) => {
        const tab = line.indexOf("\t");
        return [line.slice(0, tab), line.slice(tab + 1)];
      }))).catch((error) => {
        read.delete(number);
        throw error;
      }));
    }
    return read.get(number);
  }

  // The lists of a key, or of every key that begins with it.
  async function lists(index, key, isPrefix) {
    const firsts = index.main.lists, start = lastUpTo(firsts, key);
    if (!firsts.length) return [];
    if (!isPrefix) {
      const list = (await piece(start)).get(key);
      return list === undefined ? [] : [list];
    }
    let end = start + 1;
    while (end < firsts.length && (firsts[end] < key || firsts[end].startsWith(key))) end++;
    const pieces = await Promise.all(Array.from({ length: end - start }, (_, i) => piece(start + i)));
    const out = [];
    for (const one of pieces) for (const [name, list] of one) if (name.startsWith(key)) out.push(list);
    return out;
  }

  // The keys of a term, each with its distance from the term's beginning.
  function keysOf({ chars, exact }) {
    const keys = [], classes = chars.map(classOf);
    for (let at = 0; at < chars.length;) {
      let end = at + 1;
      while (end < chars.length && classes[end] === classes[at]) end++;
      const isLast = end === chars.length;
      if (classes[at] === GRAM) {
        if (end - at === 1) keys.push({ key: chars[at], at, isPrefix: isLast });
        for (let i = at; i + 1 < end; i += 2) keys.push({ key: chars[i] + chars[i + 1], at: i, isPrefix: false });
        if ((end - at) % 2 === 1 && end - at > 1) keys.push({ key: chars[end - 2] + chars[end - 1], at: end - 2, isPrefix: false });
      } else if (classes[at] === WORD) {
        for (let i = at; i < end; i += LONGEST_WORD) {
          const stop = Math.min(i + LONGEST_WORD, end), goesOn = stop < end;
          const key = (i > at ? "+" : "") + chars.slice(i, stop).join("") + (goesOn ? "+" : "");
          keys.push({ key, at: i, isPrefix: isLast && !goesOn && !exact });
        }
      }
      at = end;
    }
    return keys;
  }

  // Where a term stands: places in order.
  async function occurrences(index, term) {
    const loaded = await Promise.all(keysOf(term).map(async ({ key, at, isPrefix }) => {
      const all = await lists(index, key, isPrefix);
      return { at, all, size: all.reduce((sum, list) => sum + list.length, 0) };
    }));
    loaded.sort((a, b) => a.size - b.size);
    let here = null;
    for (const { at, all, size } of loaded) {
      if (!size) return [];
      const row = [];
      for (const list of all) places(list, row);
      if (all.length > 1) row.sort((a, b) => a - b);
      if (here === null) {
        here = row.map((place) => place - at);
        continue;
      }
      const kept = [];
      for (let i = 0, k = 0; i < here.length && k < row.length;) {
        const distance = row[k] - at - here[i];
        if (distance === 0) kept.push(here[i]);
        if (distance <= 0) k++;
        if (distance >= 0) i++;
      }
      here = kept;
    }
    return here || [];
  }

  // ---- What can be chosen ----

  let choosing = null;
  function choices() {
    if (!choosing) {
      choosing = find.load("names").then((names) => {
        window.circlekeepSuggest.withYears(names, words);
        const collator = typeof Intl === "object" ? new Intl.Collator(document.documentElement.lang) : null;
        for (const kind of FILTERS) {
          const select = byId(kind), all = names[kind] || [];
          const shown = kind === "member" && collator ? all.slice().sort((a, b) => collator.compare(a[1], b[1])) : all;
          for (const [value, name, , count] of shown) {
            const option = document.createElement("option");
            option.value = value;
            option.textContent = count === undefined ? name : say(words.search_choice, name, String(count));
            select.appendChild(option);
          }
          if (kind === "space" && all.length) select.hidden = document.querySelector("label[for=search-space]").hidden = false;
        }
        return names;
      }).catch((error) => {
        choosing = null;
        throw error;
      });
    }
    return choosing;
  }

  const LETTER = { member: "m", tag: "t", month: "d", space: "s" };

  // A mark for every unit that the filters let through; null where there is no filter.
  async function allowed(index, asked) {
    let all = null;
    for (const kind of FILTERS.filter((kind) => asked[kind])) {
      const names = await choices();
      const entry = (names[kind] || []).find((entry) => entry[0] === asked[kind]);
      const keys = entry ? [].concat(entry[2]) : [];
      const found = await Promise.all(keys.map((key) => lists(index, "!" + LETTER[kind] + key, false)));
      const next = new Uint8Array(index.main.units);
      for (const runs of found.map(([list]) => numbers(list || ""))) {
        for (let i = 0, end = 0; i + 1 < runs.length; i += 2) {
          const from = end + runs[i];
          end = from + runs[i + 1] + 1;
          for (let unit = from; unit < end; unit++) next[unit] = all === null || all[unit] ? 1 : 0;
        }
      }
      all = next;
    }
    return all;
  }

  // ---- Finding ----

  // Posts in the order asked for: each with its units that have a hit, and how many hits there are.
  async function search(index, asked) {
    const terms = find.terms(asked.q, index.fold), through = await allowed(index, asked);
    const { postOf, firstUnit } = index;
    let posts = null;
    if (!terms.length) {
      posts = new Map();
      for (let unit = 0; through && unit < through.length; unit++) {
        const post = postOf[unit];
        if (through[unit] && !posts.has(post)) posts.set(post, { post, units: new Set([unit]), hits: 0, score: 0 });
      }
      return { terms, total: 0, posts: ordered(posts, asked.sort, index) };
    }
    for (const row of await Promise.all(terms.map((term) => occurrences(index, term)))) {
      const next = new Map();
      for (const place of row) {
        const unit = Math.floor(place / UNIT);
        if (through && !through[unit]) continue;
        const post = postOf[unit];
        let entry = next.get(post);
        if (!entry) {
          const before = posts === null ? { post, units: new Set(), hits: 0, score: 0 } : posts.get(post);
          if (!before) continue;
          entry = { post, units: new Set(before.units), hits: before.hits, score: before.score, own: 0 };
          next.set(post, entry);
        }
        entry.units.add(unit);
        entry.hits++;
        // What stands at the beginning, as a title does, weighs more, and what is in the post itself more than a comment.
        entry.own = (entry.own || 0) + (unit !== firstUnit[post] ? 1 : place % UNIT < 24 ? 6 : 2);
      }
      const weight = Math.log(1 + index.main.posts / (1 + next.size));
      for (const entry of next.values()) entry.score += weight * Math.log(1 + entry.own);
      posts = next;
    }
    let total = 0;
    for (const entry of posts.values()) total += entry.hits;
    return { terms, total, posts: ordered(posts, asked.sort, index) };
  }

  function ordered(posts, sort, index) {
    const all = Array.from(posts.values()).sort((a, b) => a.post - b.post);
    if (sort === "best") return all.sort((a, b) => b.score - a.score || a.post - b.post);
    if (sort === "comments") return all.sort((a, b) => index.comments[b.post] - index.comments[a.post] || a.post - b.post);
    if (sort !== "oldest") return all;
    // Nobody knows how old the undated ones are: they stay at the end.
    const dated = index.main.posts - index.main.undated;
    return all.filter((entry) => entry.post < dated).reverse().concat(all.filter((entry) => entry.post >= dated));
  }

  // ---- Showing ----

  function element(name, className, ...children) {
    const out = document.createElement(name);
    if (className) out.className = className;
    out.append(...children);
    return out;
  }

  function marked(text, ranges) {
    const out = document.createDocumentFragment();
    let done = 0;
    for (const [from, to] of ranges) {
      out.append(text.slice(done, from), element("mark", "", text.slice(from, to)));
      done = to;
    }
    out.append(text.slice(done));
    return out;
  }

  // What stands around the first hits of a text, on one line.
  function quoted(text, ranges) {
    const first = ranges.length ? ranges[0][0] : 0, BEFORE = 24, LENGTH = 110;
    let start = Math.max(first - BEFORE, 0), end = Math.min(Math.max(start + LENGTH, ranges.length ? ranges[0][1] : 0), text.length);
    start = Math.max(Math.min(start, end - LENGTH), 0);
    const isTail = (at) => at > 0 && at < text.length && /[\udc00-\udfff]/.test(text[at]);
    if (isTail(start)) start--;
    if (isTail(end)) end++;
    const inside = ranges.filter((range) => range[0] >= start && range[1] <= end).map(([a, b]) => [a - start, b - start]);
    const out = document.createDocumentFragment();
    if (start > 0) out.append("…");
    out.append(marked(text.slice(start, end).replace(/\n/g, " "), inside));
    if (end < text.length) out.append("…");
    return out;
  }

  const root = find.page.replace(/search\.html$/, "");
  function address(path, query, at) {
    const parts = [];
    if (query) parts.push("q=" + encodeURIComponent(query));
    if (at) parts.push("at=" + encodeURIComponent(at));
    // Without words there is nothing to mark, and a plain anchor works for everybody.
    return root + path + (query ? "#" + parts.join("&") : at ? "#" + at : "");
  }

  async function textOf(index, post) {
    const number = lastUpTo(index.firstPost, post);
    return (await find.load("t" + number))[post - index.firstPost[number]];
  }

  async function card(index, asked, terms, hit) {
    const [path, title, isSearched, author, date, text, comments] = await textOf(index, hit.post);
    const ranges = (of) => find.locate(of, terms, index.fold);
    const heading = element("h2", "hit-title");
    const link = element("a", "", isSearched ? marked(title, ranges(title)) : title);
    link.href = address(path, asked.q, "");
    heading.append(link);
    const by = element("p", "hit-by", element("bdi", "", author), " · " + date);
    const said = index.comments[hit.post];
    if (said) by.append(" · " + say(words.n_comments, String(said)));
    const item = element("li", "hit", heading, by);
    const first = index.firstUnit[hit.post];
    const units = Array.from(hit.units).sort((a, b) => a - b);
    let shown = 0, quotes = 0;
    for (const unit of units) {
      const comment = unit === first ? null : comments[unit - first - 1];
      const of = comment ? comment[3] : text;
      const here = ranges(of);
      const inTitle = !comment && isSearched ? ranges(title).length : 0;
      if (quotes >= QUOTES) break;
      shown += here.length + inTitle;
      if (!here.length && inTitle && units.length > 1) continue;
      quotes++;
      const quote = element("p", comment ? "hit-text hit-comment" : "hit-text");
      if (comment) {
        const at = element("a", "hit-at", say(words.search_comment_by, comment[1]) + " · " + comment[2]);
        at.href = address(path, asked.q, comment[0]);
        quote.append(at, " ");
      }
      // The lines at the end that begin with # are the post's tags (text.rs writes them so): a line of their own.
      const tags = comment ? -1 : of.search(/(^|\n)#[^\n]*(\n#[^\n]*)*$/);
      if (tags < 0) {
        quote.append(quoted(of, here));
        item.append(quote);
        continue;
      }
      const foot = tags + (of[tags] === "\n" ? 1 : 0);
      quote.append(quoted(of.slice(0, tags), here.filter(([, to]) => to <= tags)));
      const line = marked(of.slice(foot).replace(/\n/g, " "), here.filter(([from]) => from >= foot).map(([a, b]) => [a - foot, b - foot]));
      if (tags > 0) item.append(quote);
      item.append(element("p", "hit-tags", line));
    }
    if (hit.hits > shown) item.append(element("p", "hit-further", say(words.search_further, String(hit.hits - shown))));
    return item;
  }

  function chip(label, description, act) {
    const button = element("button", "chip", label);
    button.type = "button";
    if (description) button.setAttribute("aria-label", description);
    button.addEventListener("click", act);
    return button;
  }

  // Ways on, as lines to tap.
  function offer(lead, ways, isFound) {
    byId("ways").hidden = !ways.length;
    // Where nothing was found, the line above says it already.
    byId("ways-lead").hidden = !isFound;
    byId("ways-lead").textContent = lead;
    byId("ways-list").setAttribute("aria-label", lead);
    byId("ways-list").replaceChildren(...ways.map(({ asked, label, posts, isPart }) => {
      const button = element("button", isFound || isPart ? "offer" : "offer offer-whole", element("span", "offer-label", label));
      button.type = "button";
      if (posts) button.append(" ", element("span", "offer-count", say(words.search_posts, String(posts))));
      button.addEventListener("click", () => {
        ask(asked, true);
        // The line that was tapped goes away; what is read next is how much was found.
        status.focus({ preventScroll: true });
      });
      return element("li", "", button);
    }));
  }

  // Of the ways on from a question without an answer, those that have one, each with how many posts it finds.
  async function counted(index, groups) {
    const seen = new Set();
    const count = async (way) => {
      const posts = (await search(index, way.asked)).posts.length;
      return posts || !way.otherwise ? Object.assign({}, way, { posts }) : count(way.otherwise);
    };
    const all = await Promise.all(groups.map(async ({ ways, most }) => {
      const found = (await Promise.all(ways.map(count))).filter((way) => way.posts);
      return most ? found.sort((a, b) => b.posts - a.posts).slice(0, most) : found;
    }));
    const isNew = (way) => !seen.has(way.label) && seen.add(way.label);
    const row = [].concat(...all).filter(isNew);
    return row.filter((way) => !way.isPart).concat(row.filter((way) => way.isPart)).slice(0, WAYS);
  }

  async function suggest(index, asked, names, isFound, ticket) {
    const question = [asked, names, index.fold, words];
    if (isFound) {
      offer(words.search_ways, window.circlekeepSuggest.near(...question).slice(0, NEAR), true);
      return;
    }
    const groups = window.circlekeepSuggest.further(...question), ways = await counted(index, groups);
    if (ticket !== turn) return;
    const isNamed = ways.length && groups[0].ways.some((way) => way.label === ways[0].label);
    const lead = isNamed ? words.search_none_named : words.search_ways_none;
    offer(lead, ways, false);
    if (ways.length) sayNone(asked, lead);
  }

  function sayNone(asked, hint) {
    status.replaceChildren(say(words.search_none, asked.q.trim() || "…"), element("br"), hint);
  }

  function showFilters(asked, names) {
    const box = byId("active");
    box.textContent = "";
    for (const kind of FILTERS.filter((kind) => asked[kind])) {
      const entry = ((names && names[kind]) || []).find((entry) => entry[0] === asked[kind]);
      const name = entry ? entry[1] : asked[kind];
      box.append(chip(name + " ×", say(words.search_clear, name), () => {
        ask(Object.assign({}, asked, { [kind]: "" }), true);
        input.focus();
      }));
    }
  }

  let turn = 0, current = null;

  async function show(count) {
    const { index, asked, found, ticket } = current;
    const next = found.posts.slice(results.children.length, count);
    const cards = await Promise.all(next.map((hit) => card(index, asked, found.terms, hit)));
    if (ticket !== turn) return null;
    results.append(...cards);
    const left = found.posts.length - results.children.length;
    more.hidden = left <= 0;
    more.textContent = say(words.search_more, String(Math.min(left, PAGE)));
    return cards;
  }

  function failed(error, ticket) {
    if (ticket !== turn) return;
    if (!error.file && !error.stale) throw error;
    status.textContent = error.stale ? words.search_stale : say(words.search_failed, error.file);
    more.hidden = true;
    if (error.file) status.append(" ", chip(words.search_retry, "", () => run()));
    // The other ways to find something are worth showing now.
    byId("plain").hidden = false;
  }

  async function run() {
    const asked = state(), ticket = ++turn;
    const isAsked = asked.q.trim() || FILTERS.some((kind) => asked[kind]);
    const start = performance.now();
    showFilters(asked, null);
    byId("plain").hidden = true;
    if (!isAsked) {
      offer("", [], true);
      results.textContent = "";
      more.hidden = true;
      status.textContent = words.search_start;
      document.title = title;
      return;
    }
    const slow = setTimeout(() => { if (ticket === turn) status.textContent = words.search_loading; }, 250);
    try {
      const index = await open();
      const found = await search(index, asked);
      if (ticket !== turn) return;
      current = { index, asked, found, ticket };
      results.textContent = "";
      more.hidden = true;
      const wanted = Math.max(PAGE, (history.state && history.state.shown) || 0);
      if (await show(wanted) === null) return;
      clearTimeout(slow);
      const posts = found.posts.length;
      if (!posts) sayNone(asked, words.search_none_hint);
      else if (!found.terms.length) status.textContent = say(words.search_filtered, String(posts));
      else status.textContent = say(words.search_found, String(posts), String(found.total));
      document.title = asked.q.trim() ? asked.q.trim() + " · " + title : title;
      results.dataset.milliseconds = (performance.now() - start).toFixed(1);
      results.dataset.posts = posts;
      results.dataset.hits = found.total;
      results.dataset.turn = location.hash;
      const names = await choices();
      if (ticket !== turn) return;
      reflect(asked);
      showFilters(asked, names);
      await suggest(index, asked, names, posts > 0, ticket);
    } catch (error) {
      failed(error, ticket);
    } finally {
      clearTimeout(slow);
    }
  }

  // ---- The address ----

  const title = document.title;

  function state() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const asked = {};
    for (const part of PARTS) asked[part] = parts.get(part) || "";
    return asked;
  }

  function reflect(asked) {
    if (document.activeElement !== input) input.value = asked.q;
    for (const part of FILTERS.concat("sort")) byId(part).value = asked[part];
    if (FILTERS.concat("sort").some((part) => asked[part])) byId("narrow").open = true;
  }

  // Choosing, sending and the first letter after a question that was settled make a new address; further letters only replace it, so
  // that "back" goes back by questions and not by letters.
  let settled = Boolean(state().q);
  function ask(asked, isNew) {
    const hash = "#" + PARTS.filter((part) => asked[part]).map((part) => part + "=" + encodeURIComponent(asked[part])).join("&");
    if (hash !== (location.hash || "#")) {
      if (isNew) history.pushState(null, "", hash);
      else history.replaceState(null, "", hash);
    }
    if (isNew && input.value !== asked.q) input.value = asked.q;
    reflect(asked);
    run();
  }

  const typed = () => Object.assign(state(), { q: input.value });
  let composing = false, pause = 0;
  input.addEventListener("compositionstart", () => { composing = true; clearTimeout(pause); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  function later() {
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (composing) return;
      ask(typed(), settled);
      settled = false;
    }, PAUSE);
  }
  input.addEventListener("input", (event) => { if (!composing && !event.isComposing) later(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(pause);
    ask(typed(), true);
    settled = true;
  });
  for (const part of FILTERS.concat("sort")) {
    byId(part).addEventListener("change", () => ask(Object.assign(typed(), { [part]: byId(part).value }), true));
  }
  more.addEventListener("click", () => {
    const ticket = turn, before = results.children.length;
    show(before + PAGE).then((cards) => {
      if (!cards) return;
      history.replaceState({ shown: results.children.length }, "");
      const link = results.children[before] && results.children[before].querySelector("a");
      if (link) link.focus();
    }).catch((error) => failed(error, ticket));
  });
  const moved = () => {
    const asked = state();
    settled = Boolean(asked.q);
    input.value = asked.q;
    reflect(asked);
    run();
  };
  window.addEventListener("popstate", moved);

  byId("plain").hidden = true;
  form.hidden = false;
  moved();
  choices().then(() => reflect(state()), () => {});
})();
