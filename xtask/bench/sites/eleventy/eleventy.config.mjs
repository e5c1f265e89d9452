// A plain site: a page for each post, lists of twenty, a list for each tag, a feed of the newest.
const chunks = (all, size) => Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, i * size + size));

export default function (config) {
  const posts = (api) => api.getFilteredByGlob("posts/**/*.md").reverse();
  config.addCollection("posts", posts);
  config.addCollection("newest", (api) => posts(api).slice(0, 20));
  config.addCollection("tagPages", (api) => {
    const tags = new Map();
    for (const post of posts(api)) {
      for (const tag of new Set(post.data.tags)) tags.set(tag, (tags.get(tag) || []).concat(post));
    }
    return Array.from(tags).flatMap(([tag, all]) => chunks(all, 20).map((posts, number) => ({ tag, number, posts })));
  });
  return { dir: { input: ".", includes: "_includes" }, markdownTemplateEngine: false, htmlTemplateEngine: "liquid" };
}
