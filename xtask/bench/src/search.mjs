// `node search.mjs PUBLIC QUERIES`: asks the search page of a built site every query of a JSON file, and prints what it answered.
//
// The page runs in jsdom; a server of this script hands it the site's files and counts those of the index. Each query is asked twice
// in a fresh page: once as a reader does, for the bytes that it loads, and once for many results. What should have been found is known
// from the site's records (data/*.jsonl), folded by the page's own rules and looked through from beginning to end.
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { JSDOM, VirtualConsole } from "jsdom";

const [, , folder, file] = process.argv;
const queries = JSON.parse(readFileSync(file, "utf8"));
const TYPES = { html: "text/html", js: "text/javascript", css: "text/css" };
const LONGEST = 180_000;
// How many results of a query are shown and looked at; of more, only the number that the page tells is compared.
const SHOWN = 300;

const sizes = new Map();
const gzipped = (path) => {
  if (!sizes.has(path)) sizes.set(path, gzipSync(readFileSync(path), { level: 9 }).length);
  return sizes.get(path);
};

let loaded = new Set();
const server = createServer((request, response) => {
  const path = join(folder, normalize(decodeURIComponent(new URL(request.url, "http://site").pathname)));
  if (!existsSync(path)) return response.writeHead(404).end();
  if (request.url.startsWith("/search/")) loaded.add(path);
  response.writeHead(200, { "content-type": TYPES[path.split(".").pop()] || "application/octet-stream" });
  createReadStream(path).pipe(response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const page = `http://127.0.0.1:${server.address().port}/search.html`;

async function until(what, found) {
  const started = Date.now();
  while (!found()) {
    if (Date.now() - started > LONGEST) throw new Error(`the search page did not answer ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}

// A page with this query in its address, shown with many results, or with the first ten.
async function open(query, isWhole) {
  const html = readFileSync(join(folder, "search.html"), "utf8");
  const dom = new JSDOM(html, {
    url: `${page}#q=${encodeURIComponent(query)}`,
    runScripts: "dangerously",
    resources: "usable",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
    // The page goes back to as many results as it showed when it was left.
    beforeParse: (window) => isWhole && window.history.replaceState({ shown: SHOWN }, ""),
  });
  const { document } = dom.window;
  const results = () => document.getElementById("search-results");
  await until(query, () => results() && results().dataset.turn === dom.window.location.hash);
  return { dom, results: results() };
}

// The number of a post, which its address begins with, as the bench's circle names posts: `p000017`, or `第-18-次`.
function numberOf(address) {
  const name = decodeURIComponent(address.split("#")[0].split("/").pop());
  const [, plain, titled] = name.match(/^p(\d+)\.html$|^第-(\d+)-次/u) || [];
  if (plain === undefined && titled === undefined) throw new Error(`which post is ${name}?`);
  return plain === undefined ? Number(titled) - 1 : Number(plain);
}

async function records(name, each) {
  for await (const line of createInterface({ input: createReadStream(join(folder, "data", name)) })) {
    const record = JSON.parse(line);
    if (record.id) each(record);
  }
}

const first = await open(queries[0], false);
const find = first.dom.window.circlekeepFind, fold = await find.folding();
const folded = (text) => find.normal(text, fold).chars.join("");
const texts = [];
await records("posts.jsonl", ({ id, title, body, tags }) => {
  texts[Number(id.slice(1))] = [folded([title || "", body.source, (tags || []).map((tag) => `#${tag}`).join("\n")].join("\n"))];
});
await records("comments.jsonl", ({ post, body }) => texts[Number(post.slice(1))].push(folded(body.source)));

const isWord = (c) => c !== undefined && find.classOf(c) === find.WORD;
function stands(text, term) {
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    if (!isWord(term[0]) || !isWord(text[at - 1])) return true;
  }
  return false;
}

let right = 0, found = 0, due = 0;
const loads = [];
for (const query of queries) {
  loaded = new Set();
  const read = await open(query, false);
  loads.push([...loaded].reduce((sum, path) => sum + gzipped(path), 0));
  read.dom.window.close();
  const whole = await open(query, true);
  const links = Array.from(whole.results.querySelectorAll(".hit-title a"), (link) => numberOf(link.href));
  const told = Number(whole.results.dataset.posts);
  if (links.length !== Math.min(told, SHOWN)) throw new Error(`${query}: ${links.length} results shown of ${told}`);
  whole.dom.window.close();
  const terms = find.terms(query, fold).map((term) => term.chars.join(""));
  const is = texts.map((units) => terms.every((term) => units.some((text) => stands(text, term))));
  const posts = is.filter(Boolean).length;
  const wrong = links.filter((number) => !is[number]).length;
  due += posts;
  found += told;
  right += Math.min(told - wrong, posts);
}
loads.sort((a, b) => a - b);
console.log(JSON.stringify({
  queries: queries.length,
  due,
  recall: right / due,
  precision: right / found,
  loads: loads[Math.floor(loads.length / 2)],
  most: loads[loads.length - 1],
}));
process.exit(0);
