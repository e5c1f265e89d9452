// The plain form of <circle-widget>: joining and posting without wasm, for pages whose Content-Security-Policy forbids it and for
// the day on which the app fails. The loader fetches this file only then, and lends it what both need.

const WORDS = {
  "zh-Hans": {
    code: "邀请码", name: "名字", enter: "加入", rules: "我接受圈规", text: "评论", send: "发表",
    keep: "请抄下恢复码，换设备时用它登录：", sent: "已发表。", signedOut: "登录已失效。请重新加入，或到圈子自己的网站用恢复码登录。",
    wait: (s) => `操作太频繁，请在 ${s} 秒后再试。`, fail: "没有发出去，文字还在，请稍后再试。",
    invite_invalid: "邀请码不对，或已失效。",
    name_taken: "这个名字已有人使用，请换一个。", name_reserved: "这是老圈子里一位成员的名字。如果就是你，请向圈主要一个专门给你的邀请码。", circle_full: "圈子人数已满。", invalid_field: "有一项没有填对，请检查。", too_large: "太长了，请删短一些。",
  },
  "zh-Hant": {
    code: "邀請碼", name: "名字", enter: "加入", rules: "我接受圈規", text: "留言", send: "發表",
    keep: "請抄下恢復碼，換裝置時用它登入：", sent: "已發表。", signedOut: "登入已失效。請重新加入，或到圈子自己的網站用恢復碼登入。",
    wait: (s) => `操作太頻繁，請在 ${s} 秒後再試。`, fail: "沒有送出，文字還在，請稍後再試。",
    invite_invalid: "邀請碼不對，或已失效。",
    name_taken: "這個名字已有人使用，請換一個。", name_reserved: "這是老圈子裡一位成員的名字。如果就是你，請向圈主要一個專門給你的邀請碼。", circle_full: "圈子人數已滿。", invalid_field: "有一項沒有填對，請檢查。", too_large: "太長了，請刪短一些。",
  },
  en: {
    code: "Invite code", name: "Name", enter: "Join", rules: "I accept the rules", text: "Comment", send: "Post",
    keep: "Write down your recovery code; it signs you in on another device:", sent: "Posted.", signedOut: "You have been signed out. Join again, or sign in with your recovery code on the circle's own site.",
    wait: (s) => `Too many attempts. Try again in ${s === 1 ? "1 second" : `${s} seconds`}.`, fail: "It was not sent. Your text is kept; try again later.",
    invite_invalid: "The invite code is wrong or no longer valid.",
    name_taken: "That name is taken. Choose another.", name_reserved: "A member of the archive has that name. If that is you, ask the leader for a code made for you.", circle_full: "The circle is full.", invalid_field: "Something is filled in wrong. Please check it.", too_large: "That is too long. Shorten it, please.",
  },
};

/** Shows the form in `host.foot`: to join, or to post once there is a token. `note` is said below it. */
export async function plain(host, note) {
  const { make, signal } = host;
  const words = { ...host.words, ...WORDS[host.lang] };
  const token = host.recall(host.session);
  const send = async (path, body, headers) => {
    const answer = await host.ask(host.address + path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
    const value = host.read(answer.text);
    if (answer.ok) return value;
    if (answer.status === 401) host.keep(host.session, "");
    const said = value.code === "too_many_requests" ? words.wait(value.retry_after ?? 60) : answer.status === 401 ? words.signedOut : words[value.code];
    throw new Error(said ?? words.fail);
  };
  const field = (label, control) => make("label", { className: "circle-field" }, make("span", {}, label), control);
  const line = (value = "") => make("input", { required: true, value, autocomplete: "off" });
  const fields = [];
  let submit;
  if (token) {
    const draft = `circlekeep:draft:${host.session.slice(11)}:${host.thread}`;
    const text = make("textarea", { required: true, rows: 5, value: host.recall(draft) ?? "" });
    let key = host.nonce();
    text.addEventListener("input", () => (host.keep(draft, text.value), (key = host.nonce())));
    fields.push(field(words.text, text));
    submit = async () => {
      const comment = await send("/comments", { thread: host.thread, body: text.value }, { authorization: `Bearer ${token}`, "idempotency-key": key });
      host.keep(draft, "");
      host.emit("circle-posted", { id: comment.id, thread: host.thread });
      await plain(host, words.sent);
      host.posted();
    };
  } else {
    const info = host.read((await host.ask(host.address, {})).text);
    const [code, name] = [line(host.invite), line()];
    const answers = (info.questions ?? []).map(() => line());
    const rules = info.rules_html ? make("input", { type: "checkbox", required: true }) : null;
    fields.push(field(words.code, code), field(words.name, name), ...answers.map((answer, at) => field(info.questions[at], answer)));
    if (rules) fields.push(make("div", { className: "circle-rules" }, host.parse(info.rules_html)), make("label", { className: "circle-check" }, rules, words.rules));
    const once = host.nonce();
    submit = async () => {
      const joined = await send("/join", { code: code.value, name: name.value, answers: answers.map((answer) => answer.value), accept_rules: Boolean(rules?.checked), nonce: once });
      host.keep(host.session, joined.token);
      host.joined();
      host.emit("circle-joined", { member: joined.member });
      await plain(host, `${joined.welcome ?? ""} ${words.keep} ${joined.recovery_code}`);
    };
  }
  if (signal.aborted) return;
  const said = make("p", { className: "circle-note", role: "status" });
  const button = make("button", { className: "circle-send", part: "button", textContent: token ? words.send : words.enter });
  const form = make("form", { className: "circle-form", part: "form" }, ...fields, make("div", { className: "circle-row" }, button), said);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.disabled = true;
    submit().catch((error) => {
      said.textContent = error instanceof TypeError || error.name === "AbortError" ? words.fail : error.message;
      host.emit("circle-error", { code: "form", message: error.message });
    }).finally(() => (button.disabled = false));
  });
  host.foot.replaceChildren(form);
  said.textContent = note;
  form.querySelector("input, textarea").focus();
}
