// What else could have been asked: the ways on that the search page offers. Names are no text, so they are never hits; here a word that
// names somebody, a tag or a month becomes the filter, and the other words stay.
//
// 1. `near`: words that are a name or its beginning, or a month. Needs nothing that is not loaded anyway. 2. `further`, for a question
// without an answer: names inside of words, words in two parts, tags alike, each word alone, and the same words without filters. Which of
// them find something is counted by search.js, with the same search.
//
// A way is what it asks, its label, whether it leaves words out (those come last), and perhaps the way to go when it finds nothing.
(function () {
  "use strict";
  const find = window.circlekeepFind;
  if (!find) return;
  const { GRAM, classOf, say } = find;
  // How many ways of one kind, how many words alone, how many words a name may have, and how many places a word is parted at.
  const NAMED = 3, SINGLE = 6, RUN = 3, PLACES = 14;
  // Of a whole text that was pasted, or a link made to keep a reader waiting, every row would be held against every name.
  const MOST_WORDS = 16;
  const EDGES = /["“”„＂「」『』]/g;

  const folded = (text, fold) => find.normal(text, fold).chars.join("").trim();
  const isGram = (c) => classOf(c) === GRAM;
  const without = (typed, from, to, ...instead) =>
    typed.slice(0, from).map((word) => word.raw).concat(instead, typed.slice(to).map((word) => word.raw)).filter(Boolean).join(" ");

  // The words that were typed, as typed and folded.
  function wordsOf(query, fold) {
    return find.terms(query, fold).map(({ raw, chars, exact }) => ({ raw, exact, chars, key: chars.join("") }));
  }

  const monthIn = (text) => /^(\d{4})年?$/.exec(text) || /^(\d{4})(?:年|[-/.])(\d{1,2})(?:月份?)?(?:[-/.]?\d{1,2}[日号號]?)?$/.exec(text);

  // A year can be chosen as its months can: its lists are theirs.
  function withYears(names, words) {
    const out = [];
    for (const entry of names.month || []) {
      const year = entry[0].slice(0, 4), last = out.length && out[out.length - 1];
      if (!last || last[0].slice(0, 4) !== year) out.push([year, say(words.search_year, year), []]);
      out.push(entry);
      out.find((one) => one[0] === year)[2].push(entry[2]);
    }
    names.month = out;
  }

  const folds = new WeakMap();
  function known(names, fold) {
    if (!folds.has(names)) {
      const of = (kind) => (names[kind] || []).map(([value, name, , count]) => ({ value, name, count, key: folded(name, fold) })).filter((one) => one.key);
      folds.set(names, { member: of("member"), tag: of("tag") });
    }
    return folds.get(names);
  }

  // Everything that makes ways out of one question.
  function maker(asked, names, fold, words) {
    const typed = wordsOf(asked.q, fold), all = known(names, fold);
    const quoted = (query) => find.terms(query, fold).map(({ raw }) => say(words.search_quoted, raw.replace(EDGES, ""))).join(" + ");
    const to = (changes) => Object.assign({}, asked, changes);

    function filter(kind, value, name, rest) {
      const only = say(words["search_way_" + kind], name);
      const alone = { asked: to({ q: "", [kind]: value }), label: only, isPart: typed.length > 1 || Boolean(rest) };
      if (!rest) return alone;
      return { asked: to({ q: rest, [kind]: value }), label: say(words.search_way_find, only, quoted(rest)), otherwise: alone };
    }

    // Words that stand together, the longest rows first.
    const rows = [];
    for (let length = Math.min(RUN, typed.length); length > 0; length--) {
      for (let from = 0; from + length <= typed.length; from++) {
        const key = typed.slice(from, from + length).map((word) => word.key).join(" ");
        rows.push({ key, rest: without(typed, from, from + length), isAll: length === typed.length });
      }
    }

    // The best way in which a name was typed: whole, its beginning, or anywhere in it when nothing else was typed.
    function fit(name) {
      let best = null;
      for (const { key, rest, isAll } of rows) {
        const rank = name === key ? 0 : name.startsWith(key) && (key.length > 1 || isGram(key)) ? 1 : isAll && name.includes(key) ? 2 : 9;
        if (rank < (best ? best.rank : 9)) best = { rank, rest };
      }
      return best;
    }

    // A whole name at the beginning or the end of a word.
    function inside(name) {
      const length = Array.from(name).length;
      for (let at = 0; at < typed.length && length > 1; at++) {
        const { raw, exact, chars, key } = typed[at];
        if (exact || chars.length <= length) continue;
        const places = find.normal(raw, fold);
        if (key.startsWith(name)) return { rank: 3, rest: without(typed, at, at + 1, raw.slice(places.to[length - 1])) };
        if (key.endsWith(name)) return { rank: 3, rest: without(typed, at, at + 1, raw.slice(0, places.from[chars.length - length])) };
      }
      return null;
    }

    // A tag that has characters of a word; the more of its own they are, the better.
    function alike(name) {
      let best = null;
      typed.forEach(({ chars, key, raw }, at) => {
        if (all.tag.some((tag) => tag.key === key) || monthIn(raw.normalize("NFKC"))) return;
        const own = Array.from(name).filter(isGram), same = own.filter((c) => chars.includes(c)).length;
        const rank = 5 - same / Math.max(own.length, 1);
        if (same && rank < (best ? best.rank : 9)) best = { rank, rest: without(typed, at, at + 1) };
      });
      return best;
    }

    function named(kinds, fits) {
      const best = kinds.filter((kind) => !asked[kind]).map((kind) => {
        const found = [];
        for (const { value, name, count, key } of all[kind]) {
          const typedAs = fits(key);
          if (typedAs) found.push({ rank: typedAs.rank, count, way: filter(kind, value, name, typedAs.rest) });
        }
        return found.sort((a, b) => a.rank - b.rank || b.count - a.count).slice(0, NAMED);
      });
      const row = [].concat(...best).sort((a, b) => a.rank - b.rank);
      // Beside a name that was typed whole, longer ones are noise.
      return row.filter(({ rank }) => rank !== 1 || row[0].rank !== 0).map(({ way }) => way);
    }

    // 2022, 2022年, 2022年7月, 2022-07, 2022/7/15: a word or two, or the beginning or the end of a word.
    function months() {
      const out = [];
      if (asked.month) return out;
      const add = (text, rest) => {
        const found = monthIn(text);
        const value = found && (found[2] ? found[1] + "-" + found[2].padStart(2, "0") : found[1]);
        const entry = value && (names.month || []).find((entry) => entry[0] === value);
        if (!entry) return false;
        const name = found[2] ? say(words.search_year_month, found[1], words.search_year_month === "{}-{}" ? found[2].padStart(2, "0") : String(Number(found[2]))) : entry[1];
        out.push(filter("month", value, name, rest));
        return true;
      };
      for (let at = 0; at < typed.length; at++) {
        const text = typed[at].raw.normalize("NFKC"), next = typed[at + 1];
        if (next && add(text + next.raw.normalize("NFKC"), without(typed, at, at + 2)) || add(text, without(typed, at, at + 1))) continue;
        const first = /^(\d{4}年(?:\d{1,2}月份?)?)(.+)$/.exec(text), last = /^(.*\D)(\d{4}(?:年(?:\d{1,2}月份?)?)?)$/.exec(text);
        if (first) add(first[1], without(typed, at, at + 1, first[2]));
        else if (last) add(last[2], without(typed, at, at + 1, last[1]));
      }
      return out;
    }

    // A word without spaces as two.
    function parted() {
      const out = [];
      typed.forEach(({ raw, exact }, at) => {
        const letters = Array.from(raw), kinds = letters.map((c) => classOf(folded(c, fold).charAt(0) || " "));
        const least = letters.length > 3 ? 2 : 1;
        if (exact || letters.length < 3 || !kinds.includes(GRAM)) return;
        for (let cut = least; cut <= letters.length - least && cut < PLACES; cut++) {
          if (kinds[cut - 1] !== GRAM && kinds[cut] !== GRAM) continue;
          const q = without(typed, at, at + 1, letters.slice(0, cut).join(""), letters.slice(cut).join(""));
          out.push({ asked: to({ q }), label: quoted(q) });
        }
      });
      return out;
    }

    // Each word alone, or what is left of the only word when a name or a month is taken away.
    const single = (others) => {
      const alone = typed.length > 1 ? typed.map(({ raw }) => raw) : others.map((way) => way.asked.q).filter(Boolean);
      return alone.slice(0, SINGLE).map((q) => ({ asked: to({ q }), label: quoted(q), isPart: true }));
    };
    const FILTERS = ["member", "tag", "month", "space"];
    const free = () => typed.length && FILTERS.some((kind) => asked[kind])
      ? [{ asked: to({ member: "", tag: "", month: "", space: "" }), label: say(words.search_way_free, quoted(asked.q)) }] : [];

    const isText = typed.length > MOST_WORDS;
    const near = () => isText ? [] : named(["member", "tag"], fit).concat(months());
    // Groups; of those with `most`, only so many as find the most.
    function further() {
      if (isText) return [{ ways: [] }, { ways: single([]) }];
      const names = near().concat(named(["member", "tag"], inside));
      const loose = named(["tag"], alike).map((way) => way.otherwise ? way : Object.assign(way, { isPart: true }));
      return [{ ways: names }, { ways: parted(), most: 2 }, { ways: free() }, { ways: single(names) }, { ways: loose }];
    }
    return { near, further };
  }

  window.circlekeepSuggest = {
    withYears,
    near: (...question) => maker(...question).near(),
    further: (...question) => maker(...question).further(),
  };
})();
