// The pictures of a page, large, one after another. Without this file a picture's link opens the picture itself.
//
// 1. A click on a picture opens a modal <dialog>: the browser keeps the focus in it, and Escape closes it.
// 2. Arrows, Home and End, the two buttons and a swipe go to the other pictures of the same post or comment.
// 3. On closing, the focus returns to where it was.
(function () {
  "use strict";
  const words = document.currentScript.dataset;
  const LINKS = "a.picture";
  const SWIPE = 50; // pixels that a finger must go sideways
  if (typeof HTMLDialogElement !== "function") return;

  let parts = null; // the dialog's elements, made when first needed
  let links = [];
  let at = 0;
  let opener = null;

  function make(name, className, text) {
    const element = document.createElement(name);
    element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function button(className, sign, label, act) {
    const element = make("button", "lightbox-button " + className, sign);
    element.type = "button";
    element.setAttribute("aria-label", label);
    element.addEventListener("click", act);
    return element;
  }

  function build() {
    const dialog = make("dialog", "lightbox");
    dialog.setAttribute("aria-modal", "true");
    dialog.setAttribute("aria-label", words.title);
    const stage = make("div", "lightbox-stage");
    const picture = make("img", "lightbox-picture");
    const caption = make("p", "lightbox-caption");
    const count = make("p", "lightbox-count");
    count.setAttribute("aria-live", "polite");
    const file = make("a", "lightbox-file", words.open);
    const close = button("lightbox-close", "✕", words.close, () => dialog.close());
    const previous = button("lightbox-previous", "‹", words.previous, () => show(at - 1));
    const next = button("lightbox-next", "›", words.next, () => show(at + 1));
    const foot = make("div", "lightbox-foot");
    stage.append(picture);
    foot.append(caption, count, file);
    dialog.append(close, previous, stage, next, foot);
    document.body.append(dialog);

    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Tab") {
        // Round and round, so that the keyboard never lands behind the picture.
        const stops = Array.from(dialog.querySelectorAll("button:enabled:not([hidden]), a[href], [tabindex='0']"));
        const end = event.shiftKey ? stops[0] : stops[stops.length - 1];
        if (document.activeElement === end) {
          event.preventDefault();
          (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
        }
        return;
      }
      const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show(steps[event.key]);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target === stage) dialog.close();
    });
    dialog.addEventListener("close", () => {
      picture.removeAttribute("src");
      if (opener) opener.focus();
    });

    let start = null;
    stage.addEventListener("touchstart", (event) => {
      start = event.touches.length === 1 ? { x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
    }, { passive: true });
    stage.addEventListener("touchend", (event) => {
      if (!start || event.changedTouches.length !== 1) return;
      const across = event.changedTouches[0].clientX - start.x;
      const down = event.changedTouches[0].clientY - start.y;
      start = null;
      if (Math.abs(across) > SWIPE && Math.abs(across) > 1.5 * Math.abs(down)) show(at + (across < 0 ? 1 : -1));
    }, { passive: true });

    return { dialog, stage, picture, caption, count, file, previous, next };
  }

  function show(index) {
    if (index < 0 || index >= links.length) return;
    at = index;
    const link = links[at];
    const small = link.querySelector("img");
    const figure = link.closest("figure");
    const said = figure && figure.querySelector("figcaption");
    const { dialog, stage, picture, caption, count, file, previous, next } = parts;
    for (const name of ["width", "height"]) {
      const value = small && small.getAttribute(name);
      if (value) picture.setAttribute(name, value);
      else picture.removeAttribute(name);
    }
    picture.alt = (small && small.alt) || "";
    picture.src = link.href;
    // A very long picture is as wide as it can be, and scrolls.
    const tall = small && Number(small.getAttribute("height")) > 3 * Number(small.getAttribute("width"));
    dialog.classList.toggle("lightbox-tall", Boolean(tall));
    if (tall) stage.tabIndex = 0;
    else stage.removeAttribute("tabindex");
    stage.scrollTop = 0;
    caption.textContent = (said && said.textContent.trim()) || picture.alt;
    const numbers = [at + 1, links.length];
    count.textContent = links.length > 1 ? words.of.replace(/\{\}/g, () => numbers.shift()) : "";
    file.href = link.href;
    // A button that leads nowhere must not keep the focus.
    const focused = document.activeElement;
    previous.disabled = at === 0;
    next.disabled = at === links.length - 1;
    previous.hidden = next.hidden = links.length < 2;
    if (focused && focused.disabled) (focused === next ? previous : next).focus();
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest && event.target.closest(LINKS);
    if (!link || !link.closest("main")) return;
    event.preventDefault();
    parts = parts || build();
    opener = link;
    links = Array.from((link.closest("article") || document).querySelectorAll(LINKS));
    show(links.indexOf(link));
    parts.dialog.showModal();
  });
})();
