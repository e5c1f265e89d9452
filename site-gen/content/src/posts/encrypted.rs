//! Posts that a blog's configuration encrypts: hexo-blog-encrypt encrypts every post with a tag that `_config.yml` lists.

use super::front_matter::{self, Value};
use crate::{audience::fold, decode, input::Input};

const LONGEST: u64 = 1 << 20;

/// True if the configuration of the blog around `path` has a password for one of the post's tags or categories.
pub(super) fn is_locked(input: &Input, path: &str, fields: &[(String, Value)]) -> bool {
    let mut labels = Vec::new();
    for (name, value) in fields {
        if matches!(fold(name).as_str(), "tags" | "tag" | "categories" | "category" | "标签" | "分类") {
            super::fields::collect_tags(value, true, &mut labels);
            super::fields::collect_tags(value, false, &mut labels);
        }
    }
    if labels.is_empty() {
        return false;
    }
    let mut folder = path;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let start = if folder.is_empty() { "_config.".to_owned() } else { format!("{folder}/_config.") };
        let from = input.entries().partition_point(|entry| entry.path < start);
        let configs = input.entries().iter().skip(from).take_while(|entry| entry.path.starts_with(&start));
        for config in configs.filter(|entry| entry.path.ends_with(".yml") || entry.path.ends_with(".yaml")) {
            if locked_labels(input, &config.path).iter().any(|locked| labels.contains(locked)) {
                return true;
            }
        }
        if folder.is_empty() {
            return false;
        }
    }
}

fn locked_labels(input: &Input, config: &str) -> Vec<String> {
    // Probing does not count as reading: the file has nothing to publish.
    let Ok(bytes) = input.head(config, LONGEST) else { return Vec::new() };
    let text = decode::text(&bytes).text;
    if !text.contains("encrypt") {
        return Vec::new();
    }
    let Ok(Value::Map(fields)) = front_matter::value(&text) else { return by_line(&text) };
    let below = |fields: &[(String, Value)], name: &str| {
        fields.iter().find(|(known, _)| fold(known) == name).map(|(_, value)| value.clone())
    };
    let Some(Value::Map(encrypt)) = below(&fields, "encrypt").or_else(|| below(&fields, "hexoblogencrypt")) else {
        return Vec::new();
    };
    let mut labels = Vec::new();
    for name in ["tags", "categories"] {
        match below(&encrypt, name) {
            Some(Value::List(items)) => labels.extend(items.iter().flat_map(|item| match item {
                Value::Map(fields) => match below(fields, "name") {
                    Some(name) => name.as_text().map(str::to_owned).into_iter().collect::<Vec<_>>(),
                    None => fields.iter().map(|(name, _)| name.clone()).collect(),
                },
                one => one.as_text().map(str::to_owned).into_iter().collect(),
            })),
            Some(Value::Map(fields)) => labels.extend(fields.into_iter().map(|(name, _)| name)),
            Some(one) => labels.extend(one.as_text().map(str::to_owned)),
            None => {}
        }
    }
    labels
}

/// If the configuration is not valid YAML: every `name:` below `encrypt:`.
fn by_line(text: &str) -> Vec<String> {
    let below = text.lines().skip_while(|line| !line.starts_with("encrypt:")).skip(1);
    let below = below.take_while(|line| line.is_empty() || line.starts_with([' ', '-', '\t', '#']));
    let named = below.filter_map(|line| line.split_once("name:").map(|(_, name)| name));
    named
        .map(|name| name.split([',', '}']).next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned())
        .collect()
}
