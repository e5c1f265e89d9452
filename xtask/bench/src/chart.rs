//! Bar charts as SVG, drawn from the bench's own numbers. Text is text; the background is theirs, because the page around them may be
//! dark when the system is light.

use std::fmt::Write as _;

use crate::results::{OURS, Results, Size, ratio};
use crate::rows::thousands;

/// A bar: what it is of, and how long it is.
type Bar = (String, f64);

const WIDTH: f64 = 720.0;
const LABELS: f64 = 150.0;
const ROW: f64 = 26.0;

/// Every chart that there are numbers for: its name, what it shows in words, and the SVG.
pub(crate) fn all(results: &Results) -> Vec<(&'static str, String, String)> {
    let mut charts = Vec::new();
    let mut add = |name, title: &str, groups: Vec<(String, Vec<Bar>)>| {
        if !groups.is_empty() {
            charts.push((name, title.to_owned(), bars(title, &groups)));
        }
    };
    let against = |number: fn(&Size, &str) -> Option<f64>| {
        let sizes = results.sizes.iter().filter(|size| size.builds.contains_key("hugo"));
        let group = |size: &Size| {
            let bars = size.builds.keys().filter_map(|name| Some((name.clone(), number(size, name)?)));
            (format!("{} posts", thousands(size.posts)), sorted(bars.collect()))
        };
        sizes.map(group).collect::<Vec<_>>()
    };
    add(
        "cpu",
        "User CPU of a whole build, as a multiple of Hugo's",
        against(|size, name| ratio(size.usage(name)?.user, size.usage("hugo")?.user)),
    );
    add(
        "memory",
        "Peak memory of a whole build, as a multiple of Hugo's",
        against(|size, name| ratio(size.usage(name)?.peak, size.usage("hugo")?.peak)),
    );
    let stages = results.sizes.iter().filter(|size| !size.stages.is_empty()).map(|size| {
        let total: f64 = size.stages.values().sum();
        let bars = size.stages.iter().filter_map(|(stage, seconds)| Some((stage.clone(), ratio(*seconds, total)?)));
        (format!("{} posts", thousands(size.posts)), sorted(bars.collect()))
    });
    add("stages", "Stages of our build, as shares of its time", stages.collect());
    let search = results.sizes.iter().filter_map(|size| {
        let ours = ratio(size.search?.gzip as f64, size.text as f64)?;
        let mut bars = vec![("the text".to_owned(), 1.0), (OURS.to_owned(), ours)];
        let pagefind = size.pagefind.and_then(|pagefind| ratio(pagefind.gzip as f64, size.text as f64));
        bars.extend(pagefind.map(|ratio| ("pagefind".to_owned(), ratio)));
        Some((format!("{} posts", thousands(size.posts)), bars))
    });
    add("search", "Search index, each file compressed, as a multiple of the compressed text", search.collect());
    charts
}

fn sorted(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by(|a, b| a.1.total_cmp(&b.1));
    bars
}

/// Horizontal bars in groups, all on one scale.
fn bars(title: &str, groups: &[(String, Vec<Bar>)]) -> String {
    let longest = groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.1).fold(f64::MIN_POSITIVE, f64::max);
    let mut body = String::new();
    let mut y = 58.0;
    for (group, bars) in groups {
        let _ = writeln!(body, "<text class=\"group\" x=\"12\" y=\"{y}\">{}</text>", escaped(group));
        for (name, value) in bars {
            let width = (WIDTH - LABELS - 80.0) * value / longest;
            let class = if name == OURS { "bar ours" } else { "bar" };
            let (text, top) = (y + ROW - 1.0, y + 11.0);
            let _ = writeln!(
                body,
                "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{}</text><rect class=\"{class}\" x=\"{LABELS}\" y=\"{top}\" width=\"{width:.1}\" height=\"18\" rx=\"2\"/><text x=\"{:.1}\" y=\"{text}\">{value:.2}</text>",
                LABELS - 8.0,
                escaped(name),
                LABELS + width + 6.0,
            );
            y += ROW;
        }
        y += 30.0;
    }
    let height = y - 10.0;
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">{title}</title>\n\
         <style>text{{font:14px system-ui,sans-serif;fill:#24292f}}.title{{font-size:16px;font-weight:600}}.group{{font-weight:600}}\
         .paper{{fill:#fff}}.bar{{fill:#7d8590}}.ours{{fill:#2f81d7}}\
         @media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}.paper{{fill:#0d1117}}}}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"12\" y=\"26\">{title}</text>\n{body}</svg>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::{all, bars};
    use crate::results::Results;

    #[test]
    fn nothing_is_drawn_of_what_was_not_measured() {
        assert!(all(&Results::default()).is_empty());
    }

    #[test]
    fn the_longest_bar_fills_the_room_and_names_are_text() {
        let svg = bars("A & B", &[("4,000 posts".into(), vec![("x".into(), 1.0), ("circlekeep".into(), 2.0)])]);
        assert!(svg.contains("<title id=\"title\">A &amp; B</title>"));
        assert!(svg.contains("width=\"490.0\"") && svg.contains("width=\"245.0\""), "{svg}");
        assert!(svg.contains(">4,000 posts</text>") && svg.contains("bar ours"));
    }
}
