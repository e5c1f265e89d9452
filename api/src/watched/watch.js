// Asks the server for news of the site and loads this page again when it was built anew. Errors stand over the page until they are mended.
(function () {
  'use strict';
  const shown = new URL(document.currentScript.src).searchParams.get('site');
  const place = 'circlekeep-watch ' + location.pathname;

  // Where the reader was before the page loaded again.
  const before = sessionStorage.getItem(place);
  if (before !== null) {
    sessionStorage.removeItem(place);
    window.scrollTo(0, Number(before));
    addEventListener('load', function () { window.scrollTo(0, Number(before)); });
  }

  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = '/-/watch.css';
  document.head.append(style);
  let box = null;

  function element(tag, text, name) {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function show(news) {
    if (box) box.remove();
    box = null;
    if (news.error) {
      box = element('div', '', 'circlekeep-watch circlekeep-watch-error');
      box.setAttribute('role', 'alert');
      box.append(element('h1', '没有生成成功，这里还是上一次的网站 · The site could not be built; this is still the last one'));
      box.append(element('pre', news.error));
    } else if (news.problems.length) {
      box = element('details', '', 'circlekeep-watch circlekeep-watch-problems');
      box.append(element('summary', news.problems.length + ' 处有问题 · ' + news.problems.length + ' problems'));
      const list = element('ul', '');
      news.problems.slice(0, 50).forEach(function (problem) { list.append(element('li', problem)); });
      box.append(list);
    }
    if (box) document.body.append(box);
  }

  async function listen(since) {
    try {
      const answer = await fetch('/-/watch?since=' + encodeURIComponent(since), { cache: 'no-store' });
      if (!answer.ok) throw new Error(answer.statusText);
      const news = await answer.json();
      if (!news.error && news.site !== shown) {
        sessionStorage.setItem(place, String(window.scrollY));
        location.reload();
        return;
      }
      if (news.id !== since) show(news);
      // A server that is about to stop answers at once.
      setTimeout(listen, news.id === since ? 500 : 0, news.id);
    } catch (error) {
      // The server is away; when it is back, it has news.
      setTimeout(listen, 1000, since);
    }
  }
  listen('');
})();
