//! File patterns of a map: `*` matches anything within a name, `**` any folders; upper and lower case are equal.

/// True if the pattern matches the path or, for a pattern without `/`, the file name.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_lowercase(), path.to_lowercase());
    if !pattern.contains('/') {
        return name_fits(&pattern, path.rsplit('/').next().unwrap_or_default());
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    folders_fit(&pattern, &path)
}

fn folders_fit(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], _) => true,
        (["**", rest @ ..], _) => {
            folders_fit(rest, path) || path.split_first().is_some_and(|(_, below)| folders_fit(pattern, below))
        }
        ([first, pattern @ ..], [name, path @ ..]) => name_fits(first, name) && folders_fit(pattern, path),
        _ => false,
    }
}

/// Each `*` matches as little as possible, so that no pattern takes exponential time.
pub(super) fn name_fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, wanted) in [
            ("帖子*.csv", "a/帖子 1.CSV", true),
            ("*.csv", "a.csv.txt", false),
            ("a*b*c", "axxbyyc", true),
            ("a*bc", "abbc", true),
            ("a/*.csv", "a/b/c.csv", false),
            ("**/xhs/**/*.json", "top/xhs/json/a.json", true),
            ("**/xhs/**/*.json", "xhs/a.json", true),
            ("**/xhs/**/*.json", "ws/a.json", false),
            ("data/**", "data/a/b", true),
            ("*", "任何", true),
        ] {
            assert_eq!(fits(pattern, path), wanted, "{pattern} {path}");
        }
    }
}
