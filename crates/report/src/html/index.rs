//! The page that leads to the published reports.

use super::STYLE;
use crate::text::escape;

/// A list of `releases`, each a folder `releases/<name>/` with a `report.html` beside the pages' root.
pub fn index(releases: &[String]) -> String {
    let link = |name: &String| {
        let name = escape(name);
        format!("<li><a href=\"/releases/{name}/report.html\"><bdi>{name}</bdi></a></li>\n")
    };
    let list: String = releases.iter().map(link).collect();
    let body = match releases {
        [] => "<p>Nothing has been published yet.</p>".to_owned(),
        _ => format!("<p>Each report can be checked against its release.</p>\n<ul>\n{list}</ul>\n"),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Published rounds</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main class=\"column\"><section><h1>Published rounds</h1>\n{body}</section></main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_leads_to_every_report_and_says_when_there_is_none() {
        assert!(index(&[]).contains("Nothing has been published yet"));
        let page = index(&["spring".to_owned(), "<b>".to_owned()]);
        assert!(page.contains("href=\"/releases/spring/report.html\"") && page.contains("&lt;b&gt;"), "{page}");
    }
}
