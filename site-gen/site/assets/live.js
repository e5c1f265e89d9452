// Fetches the widget's loader, and only on http(s): a page opened from a disk or a CD stays as it is and asks nobody.
// A classic script, because browsers refuse module scripts on file:// and say so in red.
(function () {
  var widget = document.currentScript && document.currentScript.getAttribute("data-widget");
  if (!widget || !/^https?:$/.test(location.protocol)) return;
  var script = document.createElement("script");
  script.type = "module";
  script.src = widget;
  document.head.appendChild(script);
})();
