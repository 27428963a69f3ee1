//! Charts as inline SVG: no script, readable in print, with a sentence for those who cannot see them.

use std::fmt::Write as _;

use mingjian_model::Fen;

use super::figures::Sums;
use crate::format;

/// Text made safe for HTML.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            character => safe.push(character),
        }
    }
    safe
}

/// A round step (1, 2 or 5 × 10ⁿ) and how many of them, five at most, reach `most`.
fn scale(most: u64) -> (u64, u64) {
    let mut unit = 1;
    loop {
        for step in [unit, 2 * unit, 5 * unit] {
            if step * 5 >= most {
                return (step, most.div_ceil(step).max(1));
            }
        }
        unit *= 10;
    }
}

/// Findings a month, 违规 below and 可疑 above.
pub fn months(row: &[((i32, u32), Sums)]) -> String {
    const WIDTH: f64 = 560.0;
    const HEIGHT: f64 = 190.0;
    const LEFT: f64 = 48.0;
    const BOTTOM: f64 = 26.0;
    const TOP: f64 = 12.0;
    let most = row.iter().map(|(_, sums)| sums.findings).max().unwrap_or(0);
    let (step, steps) = scale(most.max(1));
    let full = (step * steps) as f64;
    let plot = HEIGHT - TOP - BOTTOM;
    let y = |value: u64| TOP + plot * (1.0 - value as f64 / full);
    let said: Vec<String> =
        row.iter().map(|((year, month), sums)| format!("{year}年{month}月 {} 条", format::count(sums.findings))).collect();
    let mut svg = format!(r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="每月疑点：{}">"#, escape(&said.join("，")));
    for i in 0..=steps {
        let (value, at) = (step * i, y(step * i));
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{at:.1}" y2="{at:.1}"/><text class="tick" x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 6.0,
            at + 4.0,
            format::count(value)
        );
    }
    let slot = (WIDTH - LEFT) / row.len().max(1) as f64;
    let bar = (slot * 0.62).min(34.0);
    let every = row.len().div_ceil(12).max(1);
    for (i, ((year, month), sums)) in row.iter().enumerate() {
        let x = LEFT + slot * i as f64 + (slot - bar) / 2.0;
        let (base, middle, top) = (y(0), y(sums.violations), y(sums.findings));
        let _ = write!(
            svg,
            r#"<g><title>{year}-{month:02}：违规 {} 条，可疑 {} 条</title><rect class="v" x="{x:.1}" y="{middle:.1}" width="{bar:.1}" height="{:.1}"/><rect class="s" x="{x:.1}" y="{top:.1}" width="{bar:.1}" height="{:.1}"/></g>"#,
            format::count(sums.violations),
            format::count(sums.suspects()),
            base - middle,
            middle - top
        );
        if i % every == 0 {
            let label = if i == 0 || *month == 1 { format!("{year}-{month:02}") } else { format!("{month:02}") };
            let _ =
                write!(svg, r#"<text class="tick" x="{:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#, x + bar / 2.0, HEIGHT - 8.0);
        }
    }
    svg + "</svg>"
}

/// The unit [`money_bars`] writes: 万元 from a hundred thousand yuan on, so that small sums do not read 0.01.
pub fn unit(bars: &[(String, Fen)]) -> &'static str {
    if bars.iter().any(|(_, amount)| amount.0 >= 10_000_000) { "万元" } else { "元" }
}

/// Horizontal bars of money in their [`unit`], names on the left.
pub fn money_bars(what: &str, bars: &[(String, Fen)]) -> String {
    const WIDTH: f64 = 420.0;
    const NAMES: f64 = 164.0;
    const VALUES: f64 = 72.0;
    const ROW: f64 = 23.0;
    let most = bars.iter().map(|(_, amount)| amount.0).max().unwrap_or(0).max(1) as f64;
    let height = ROW * bars.len() as f64 + 4.0;
    let said: Vec<String> = bars.iter().map(|(name, amount)| format!("{name} {}", format::money(*amount))).collect();
    let mut svg = format!(r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{}：{}">"#, escape(what), escape(&said.join("，")));
    for (i, (name, amount)) in bars.iter().enumerate() {
        let y = ROW * i as f64 + 4.0;
        let width = ((WIDTH - NAMES - VALUES) * amount.0.max(0) as f64 / most).max(1.0);
        let _ = write!(
            svg,
            r#"<g><title>{0}：{1}</title><text class="name" x="{2:.1}" y="{3:.1}" text-anchor="end">{4}</text><rect class="b" x="{NAMES}" y="{5:.1}" width="{width:.1}" height="13" rx="1.5"/><text class="value" x="{6:.1}" y="{3:.1}">{7}</text></g>"#,
            escape(name),
            format::money(*amount),
            NAMES - 8.0,
            y + 12.0,
            escape(&crate::table::cut(name, 24)),
            y + 1.0,
            NAMES + width + 6.0,
            if unit(bars) == "万元" { format::wan(*amount) } else { format::yuan(*amount) }
        );
    }
    svg + "</svg>"
}

/// One bar split in two, with a word and a number for each part.
pub fn split(parts: [(&str, &str, u64); 2]) -> String {
    let total: u64 = parts.iter().map(|part| part.2).sum();
    let share = |count: u64| if total == 0 { 0.0 } else { 100.0 * count as f64 / total as f64 };
    let mut svg = r#"<svg class="split" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">"#.to_owned();
    let mut x = 0.0;
    for (class, _, count) in parts {
        let _ = write!(svg, r#"<rect class="{class}" x="{x:.2}" y="0" width="{:.2}" height="5"/>"#, share(count));
        x += share(count);
    }
    svg += "</svg><p class=\"legend\">";
    for (class, word, count) in parts {
        let _ = write!(svg, r#"<span class="word {class}"><b>{}</b> {word}</span>"#, format::count(count));
    }
    svg + "</p>"
}

/// A thin bar for a table's cell.
pub fn cell_bar(amount: Fen, most: Fen) -> String {
    let width = if most.0 <= 0 { 0.0 } else { 100.0 * amount.0.max(0) as f64 / most.0 as f64 };
    format!(
        r#"<svg class="cell" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="b" width="{width:.2}" height="4"/></svg>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_round_and_reaches_the_top() {
        for most in [1, 2, 3, 7, 19, 99, 100, 101, 4_321, 987_654] {
            let (step, steps) = scale(most);
            assert!(step * steps >= most && steps <= 5, "{most}: {step} × {steps}");
            let digit = step.to_string();
            assert!(["1", "2", "5"].contains(&digit.trim_end_matches('0')), "{step}");
        }
    }

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(escape("<script>'&\""), "&lt;script&gt;&#39;&amp;&quot;");
    }
}
