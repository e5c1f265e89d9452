// Leads the line "on this day" to today's own page, if anything was written on that day of any year.
// Without JavaScript the line leads to the table of all days.
(function () {
  "use strict";
  var link = document.getElementById("today");
  if (!link) return;
  var now = new Date();
  var two = function (n) { return (n < 10 ? "0" : "") + n; };
  var day = two(now.getMonth() + 1) + "-" + two(now.getDate());
  var found = (link.dataset.days || "").split(" ").filter(function (entry) { return entry.indexOf(day + "=") === 0; })[0];
  if (!found) return;
  var months = (link.dataset.months || "").split("|");
  var values = [months[now.getMonth()], String(now.getDate()), found.split("=")[1]];
  var one = false;
  // As `fill` in words.rs: each {} is the next value, and what stands in brackets agrees with the number before it.
  link.textContent = (link.dataset.text || "").replace(/\{\}|\[([^\]|]*)(\|([^\]]*))?\]/g, function (hole, first, both, second) {
    if (hole !== "{}") return one ? (both ? first : "") : (both ? second : first);
    one = values[0] === "1";
    return values.shift();
  });
  link.parentNode.hidden = false;
  link.setAttribute("href", link.getAttribute("href").replace("index.html", day + ".html"));
})();
