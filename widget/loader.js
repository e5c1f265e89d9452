// The loader of <circle-widget>. Hand-written and shipped as it stands here (`xtask dist` only minifies it).
//
// 1. Read: the archive's static thread stays shown through a slot until the live one is here, and stays for good when the
//    API is gone; elsewhere the API's prerendered thread is fetched when the element nears the viewport. No wasm.
// 2. Write without wasm, for pages whose Content-Security-Policy forbids it: a plain form.
// 3. Write: on intent (button, reply, like, `#join=CODE`) the Leptos app is fetched and takes over the same shadow root.
//
// Everything is found from this module's own address; nothing but that origin and the API is ever asked.

const HERE = import.meta.url;
const local = (name) => new URL(name, HERE).href;
const PATIENCE = 20_000; // milliseconds until a request without an answer counts as lost
const FRESH = 30_000; // milliseconds in which a thread is not asked for again when its page becomes visible

const WORDS = {
  "zh-Hans": {
    join: "加入圈子，写评论", write: "写评论", opening: "正在打开……", loading: "正在加载评论……", again: "再试一次",
    gone: "现在连不上评论服务器。上面是存档里的评论，可以照常阅读。", none: "现在连不上评论服务器，评论暂时无法显示。",
    noApp: "评论框没有加载成功，请检查网络后再试。", broken: "评论框出错了，已换成简单的表单；写的文字还在。",
    count: (n) => `${n} 条评论`,
    circle_closed: "圈子已关闭，只能阅读存档。", circle_frozen: "圈子现在只读，不能再发表评论。",
  },
  "zh-Hant": {
    join: "加入圈子，寫留言", write: "寫留言", opening: "正在開啟……", loading: "正在載入留言……", again: "再試一次",
    gone: "現在連不上留言伺服器。上面是存檔裡的留言，可以照常閱讀。", none: "現在連不上留言伺服器，留言暫時無法顯示。",
    noApp: "留言框載入失敗，請檢查網路後再試。", broken: "留言框出錯了，已換成簡單的表單；寫的文字還在。",
    count: (n) => `${n} 則留言`,
    circle_closed: "圈子已關閉，只能閱讀存檔。", circle_frozen: "圈子現在唯讀，不能再留言。",
  },
  en: {
    join: "Join the circle to comment", write: "Write a comment", opening: "Opening…", loading: "Loading comments…", again: "Try again",
    gone: "The comment server cannot be reached. The comments above are from the archive.", none: "The comment server cannot be reached now, so comments cannot be shown.",
    noApp: "The comment box could not be loaded. Check your connection and try again.", broken: "The comment box failed, so here is a simple form. Your text is kept.",
    count: (n) => (n === 1 ? "1 comment" : `${n} comments`),
    circle_closed: "The circle is closed; only the archive can be read.", circle_frozen: "The circle is read-only; comments can no longer be posted.",
  },
};

/** The interface's language for a BCP 47 tag: Chinese in the script or region it says, English for everything else. */
function language(tag) {
  const [first, ...parts] = tag.toLowerCase().split(/[-_]/);
  if (first !== "zh") return "en";
  return parts.some((part) => /^(hant|tw|hk|mo)$/.test(part)) ? "zh-Hant" : "zh-Hans";
}

let policy;
try {
  policy = globalThis.trustedTypes?.createPolicy("circle-widget", { createHTML: (html) => html });
} catch {
  // The page's policy does not name ours; where it also demands Trusted Types, `setHTML` is the way in.
}

/** The one way in for HTML: what the API sanitised becomes nodes, with the browser's own sanitiser as second lock. */
function parse(html) {
  let body = document.implementation.createHTMLDocument("").body;
  if (body.setHTML) body.setHTML(html, { sanitizer: { removeElements: ["style"], removeAttributes: ["style"] } });
  else body = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html").body;
  const nodes = document.createDocumentFragment();
  nodes.append(...body.childNodes);
  return nodes;
}

/** An element by name, properties and children. */
function make(name, properties, ...children) {
  const { part, ...rest } = properties;
  const element = Object.assign(document.createElement(name), rest);
  if (part) element.setAttribute("part", part);
  element.append(...children);
  return element;
}

/** A request that gives up when `signal` is aborted or nothing came for long. Rejects only when there was no answer. */
async function ask(address, options, signal) {
  const stop = new AbortController();
  const end = () => stop.abort();
  const timer = setTimeout(end, PATIENCE);
  signal.addEventListener("abort", end);
  try {
    const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer", ...options, signal: stop.signal });
    return { ok: answer.ok, status: answer.status, etag: answer.headers.get("etag"), text: await answer.text() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

function read(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** 128 random bits as hexadecimal; `crypto.randomUUID` is missing on plain http. */
const nonce = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const store = {
  get(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  },
  set(key, value) {
    try { value ? localStorage.setItem(key, value) : localStorage.removeItem(key); } catch { /* forbidden: kept for this page only */ }
  },
};

/** Whether `text` is on the clipboard now; pages on plain http have none. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Offers `text` as a download. */
function save(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), PATIENCE);
}

let sheet;
/** The style sheet, fetched once for all elements; `null` when it cannot be had now. */
function styles() {
  sheet ??= fetch(local("circle-widget.css"), { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((css) => new CSSStyleSheet().replace(css))
    .catch(() => (sheet = null));
  return sheet;
}

let app;
let tries = 0;
let plainTries = 0;
/** The Leptos app's module, fetched and compiled once for all elements. A failed fetch is forgotten, so it can be tried again. */
function program() {
  const again = tries ? `?again=${tries}` : "";
  app ??= import(local("circle-widget-app.js") + again)
    .then(async (module) => (await module.default({ module_or_path: local("circle-widget-app_bg.wasm") }), module))
    .catch((error) => { app = undefined; tries += 1; throw error; });
  return app;
}

/** Whether the page's Content-Security-Policy lets WebAssembly be compiled. */
function wasmAllowed() {
  try {
    return Boolean(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  } catch {
    return false;
  }
}

let invite;
/** The code of an invite link, taken out of the address bar so that it is neither bookmarked nor sent on by a copied address. */
function takeInvite() {
  const code = new URLSearchParams(location.hash.slice(1)).get("join");
  if (!code) return;
  invite = code;
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** The key of the page's thread: its canonical path, without leading slash and closing `index.html`; the root page keeps that name. */
function pageThread() {
  const canonical = document.querySelector("link[rel=canonical]")?.href;
  return new URL(canonical || location.href).pathname.replace(/^\/+/, "").replace(/(^|\/)index\.html$/, "$1") || "index.html";
}

class CircleWidget extends HTMLElement {
  static observedAttributes = ["circle", "api", "thread", "lang", "theme", "sort", "loading"];

  #life; // AbortController of the present stay in a page
  #app; // the Leptos app, once it took over
  #opening = false;
  #settling = false;
  #asked = 0;
  #html = "";
  #place; // holds the slot, later the live thread
  #foot; // holds the note and the bar, later the app

  connectedCallback() {
    this.#settle();
  }

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback(name, before, after) {
    // The theme is the style sheet's affair, and `loading` matters only until the thread is here.
    if (before === after || !this.#life || name === "theme" || (name === "loading" && this.#asked)) return;
    if (this.#app && (name === "lang" || name === "sort")) {
      this.#place.parentNode.lang = this.#lang;
      this.#app.attribute(name, name === "lang" ? this.#lang : (after ?? ""));
      return;
    }
    this.#stop();
    this.#settle();
  }

  get #lang() {
    const tag = this.getAttribute("lang") || this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language;
    return language(tag || "zh-Hans");
  }
  get #words() {
    return WORDS[this.#lang];
  }
  get #api() {
    return new URL(this.getAttribute("api") || "../api/v1", this.hasAttribute("api") ? document.baseURI : HERE).href.replace(/\/+$/, "");
  }
  get #circle() {
    return `${this.#api}/circles/${encodeURIComponent(this.getAttribute("circle") ?? "")}`;
  }
  get #thread() {
    return this.getAttribute("thread") || pageThread();
  }
  get #session() {
    return `circlekeep:${new URL(this.#api).origin}:${this.getAttribute("circle") ?? ""}`;
  }
  get #still() {
    return this.querySelector("section[data-circle-thread]");
  }

  /** Starts once the present task is over: an element that is moved about, or whose attributes change together, starts once. */
  #settle() {
    if (this.#settling) return;
    this.#settling = true;
    queueMicrotask(() => {
      this.#settling = false;
      if (this.isConnected && !this.#life) this.#start();
    });
  }

  #stop() {
    this.#life?.abort();
    this.#life = undefined;
    try {
      this.#app?.free();
    } catch {
      // A trapped app cannot be freed.
    }
    this.#app = undefined;
    this.#opening = false;
    this.#asked = 0;
    this.#html = "";
    this.shadowRoot?.replaceChildren(document.createElement("slot"));
  }

  async #start() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    const css = await styles();
    if (signal.aborted) return;

    // Only now: an empty shadow root would hide the static thread while its style is on the way.
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (css) root.adoptedStyleSheets = [css];
    this.#place = make("div", { className: "circle-place", part: "thread" }, document.createElement("slot"));
    this.#foot = make("div", { className: "circle-foot", part: "foot" });
    root.replaceChildren(make("div", { className: "circle-root", part: "root", lang: this.#lang }, this.#place, this.#foot));
    this.#bar();

    root.addEventListener("click", (event) => this.#click(event), { signal });
    for (const hint of ["focusin", "pointerover"]) {
      // The app is on its way while the finger is.
      root.addEventListener(hint, (event) => event.target.closest?.(".circle-open") && wasmAllowed() && program().catch(() => {}), { signal });
    }
    document.addEventListener("visibilitychange", () => this.#again(), { signal });
    addEventListener("hashchange", () => this.#invited(), { signal });
    for (const fault of ["error", "unhandledrejection"]) addEventListener(fault, (event) => this.#fault(event.error ?? event.reason), { signal });
    this.#invited();

    if (this.getAttribute("loading") !== "eager") await this.#near(signal);
    if (!signal.aborted && !this.#app) this.#read();
  }

  /** Waits until the element is nearly in view. */
  #near(signal) {
    return new Promise((done) => {
      const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && end(), { rootMargin: "600px" });
      const end = () => (watch.disconnect(), done());
      signal.addEventListener("abort", end);
      watch.observe(this);
    });
  }

  /** Layer 1: the API's prerendered thread. */
  async #read() {
    const { signal } = this.#life;
    this.#asked = Date.now();
    if (!this.#still && !this.#html) this.#note(this.#words.loading);
    try {
      const address = `${this.#circle}/threads/fragment?thread=${encodeURIComponent(this.#thread)}&lang=${this.#lang}`;
      let answer = await ask(address, { cache: "no-cache" }, signal);
      const token = store.get(this.#session);
      if (answer.status === 401 && token) answer = await ask(address, { headers: { authorization: `Bearer ${token}` } }, signal);
      if (signal.aborted || this.#app) return;
      if (!answer.ok) throw Object.assign(new Error(answer.status), { code: read(answer.text).code });
      if (answer.text !== this.#html) this.#show(answer.text);
      this.#note("");
      this.#emit("circle-ready", { thread: this.#thread, app: false });
    } catch (error) {
      if (signal.aborted || this.#app) return;
      this.#note(this.#words[error.code] ?? (this.#still || this.#html ? this.#words.gone : this.#words.none), () => this.#read());
      this.#emit("circle-error", { code: error.code ?? "network", message: String(error.message) });
    }
  }

  #show(html) {
    const nodes = parse(html);
    const [section, more] = [nodes.querySelector("[data-circle-thread]"), nodes.querySelector(".circle-more")];
    if (!section) throw new Error("no thread in the answer");
    const first = !this.#html;
    this.#html = html;
    let articles = [...section.querySelectorAll("article[data-comment]")];
    const kept = this.#archived(articles.map((article) => article.dataset.comment));
    if (kept.length) section.querySelector(".circle-empty")?.remove();
    if (/^new/.test(this.getAttribute("sort") ?? "")) {
      // Newest first: branches turn round, answers stay under what they answer.
      const branches = [];
      for (const article of articles) article.dataset.depth === "0" || !branches.length ? branches.push([article]) : branches.at(-1).push(article);
      articles = branches.reverse().flat();
    }
    section.append(...kept, ...articles, ...(more ? [more] : []));
    const heading = section.querySelector(".circle-count");
    if (kept.length && heading) heading.textContent = this.#words.count(section.querySelectorAll("article:not(:has(> .circle-gone))").length);
    this.#place.replaceChildren(section);
    if (first) this.#jump(location.hash);
  }

  /**
   * Copies of the static comments that are not among the live ones: those the API never had. A comment with an id of the API (UUIDv7)
   * that is missing was deleted since the page was built; but only if the API still has another one of this page, for a
   * server that started anew knows none, and then the archive is all there is.
   */
  #archived(live) {
    const known = new Set(live);
    const articles = [...(this.#still?.querySelectorAll("article[data-comment]") ?? [])];
    const same = articles.some((article) => known.has(article.dataset.comment));
    const ours = (id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id);
    return articles
      .filter(({ dataset: { comment } }) => !known.has(comment) && !(same && ours(comment)))
      .map((article) => article.cloneNode(true));
  }

  #again() {
    if (document.visibilityState === "visible" && this.#asked && !this.#app && Date.now() - this.#asked > FRESH) this.#read();
  }

  /** The button below the thread. */
  #bar() {
    const words = this.#words;
    const text = store.get(this.#session) ? words.write : words.join;
    const note = make("p", { className: "circle-note", part: "note", role: "status" });
    this.#foot.replaceChildren(note, make("div", { className: "circle-bar", part: "bar" }, make("button", { type: "button", className: "circle-open", part: "button", textContent: text })));
  }

  /** One quiet line of words below the thread, with a way to try again where there is one. */
  #note(text, again) {
    const note = this.#foot.querySelector(".circle-note");
    if (!note) return;
    note.replaceChildren(text);
    if (again) note.append(" ", make("button", { type: "button", className: "circle-link", textContent: this.#words.again, onclick: again }));
    const bar = this.#foot.querySelector(".circle-bar");
    if (bar) bar.hidden = Boolean(again);
  }

  #click(event) {
    const at = event.target.closest("a[href^='#'], [data-act], .circle-open");
    if (!at) return;
    if (at.matches("a")) {
      // Browsers do not look for a fragment inside a shadow root.
      if (this.#jump(at.hash)) {
        event.preventDefault();
        history.replaceState(history.state, "", at.hash);
      }
    } else if (!this.#app) {
      this.#write({ act: at.dataset.act ?? "open", comment: at.closest("[data-comment]")?.dataset.comment ?? "" });
    }
  }

  #jump(hash) {
    const target = hash.startsWith("#c-") && this.shadowRoot.getElementById(hash.slice(1));
    if (!target) return false;
    target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "center" });
    return true;
  }

  /** An invite link: the app opens at its form, with the code filled in. */
  #invited() {
    takeInvite();
    if (!invite || this.#app) return;
    this.scrollIntoView({ block: "center" });
    this.#write({ act: "open", comment: "" });
  }

  /** Layers 2 and 3. */
  async #write(intent) {
    const button = this.#foot.querySelector(".circle-open");
    if (this.#app || this.#opening || !button) return;
    this.#opening = true;
    const { signal } = this.#life;
    const words = this.#words;
    button.setAttribute("aria-disabled", "true");
    button.textContent = words.opening;
    try {
      if (!wasmAllowed()) return await this.#plain();
      const { Widget } = await program();
      if (signal.aborted) return;
      this.#app = new Widget(this.shadowRoot, this.#lend(intent));
      invite = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.#bar();
      this.#note(words.noApp, () => (this.#bar(), this.#write(intent)));
      this.#emit("circle-error", { code: "network", message: String(error) });
    } finally {
      if (!signal.aborted) this.#opening = false;
    }
  }

  /** What the app gets: where it is, and the functions that both layers share (`src/host.rs` says the same in Rust). */
  #lend(intent) {
    const { signal } = this.#life;
    return {
      address: this.#circle, thread: this.#thread, lang: this.#lang, sort: this.getAttribute("sort") ?? "", session: this.#session,
      invite: invite ?? "", intent: intent.act, comment: intent.comment,
      ask: (address, options) => ask(address, options, signal),
      parse, nonce, copy, save, recall: store.get, keep: store.set,
      archived: (live) => this.#archived(live),
      emit: (name, detail) => this.#emit(name, detail),
    };
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** A trap in the app: its memory is not to be trusted any more, so the plain form takes its place. */
  #fault(error) {
    if (!this.#app || !(error instanceof WebAssembly.RuntimeError) || !String(error.stack).includes("circle-widget-app")) return;
    this.#emit("circle-error", { code: "internal", message: String(error) });
    this.#app = undefined;
    this.#bar();
    const plain = () => this.#plain(this.#words.broken).catch(() => this.#note(this.#words.noApp, plain));
    plain();
    this.#read();
  }

  /** Layer 2: joining and posting by a plain form, which only pages without the app fetch. `note` is shown above it. */
  async #plain(note = "") {
    const { signal } = this.#life;
    const again = plainTries ? `?again=${plainTries}` : "";
    const { plain } = await import(local("circle-widget-plain.js") + again).catch((error) => { plainTries += 1; throw error; });
    if (signal.aborted) return;
    const more = { foot: this.#foot, words: this.#words, signal, make, read, posted: () => this.#read(), joined: () => (invite = undefined) };
    await plain({ ...this.#lend({ act: "", comment: "" }), ...more }, note);
  }
}

if (!customElements.get("circle-widget")) customElements.define("circle-widget", CircleWidget);
