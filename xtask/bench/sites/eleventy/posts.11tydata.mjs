export default { layout: "page.liquid", permalink: (data) => `posts/${data.page.fileSlug}.html` };
