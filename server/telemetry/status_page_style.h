#ifndef BANTAM_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_
#define BANTAM_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_

namespace bantam {

// The status page's style sheet: one column on phones, cards side by side on wider screens; light
// or dark, as the reader's system is.
inline constexpr char kStatusPageStyle[] = R"css(
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --text: #1c2330; --faint: #5b6676; --line: #e0e4ea;
  --accent: #2f6fde; --track: #e6eaf0; --good: #157a43; --good-back: #dcf3e5;
  --warn: #8a5a00; --warn-back: #fdf0d0; --bad: #b3261e; --bad-back: #fbe0de;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1b2029; --text: #e4e8ee; --faint: #9aa5b4; --line: #2d3440;
    --accent: #6ea2ff; --track: #2a313d; --good: #7fdca4; --good-back: #173524;
    --warn: #f2c766; --warn-back: #3a2e10; --bad: #ff9d94; --bad-back: #45201d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1rem 2rem; max-width: 76rem; background: var(--page);
  color: var(--text); font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0 0 .6rem; font-size: 1.05rem; }
p { margin: .25rem 0; }
a { color: var(--accent); }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
.faint, dt, th { color: var(--faint); font-weight: normal; }
.badge { padding: .1rem .6rem; border-radius: 1rem; font-size: .85rem; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.warn { color: var(--warn); background: var(--warn-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.notes { margin: .9rem 0 0; padding: .6rem .9rem .6rem 2rem; border-radius: .5rem; }
.notes, td, dd { overflow-wrap: anywhere; }
.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem;
  margin: 1rem 0;
}
.cards { columns: 2 27rem; column-gap: 1rem; }
.figures > div, section {
  padding: .9rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
}
.figures b { display: block; font-size: 1.35rem; font-weight: 600; }
.cards section { break-inside: avoid; margin-bottom: 1rem; }
.cards + section { margin-top: 1rem; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-size: .85rem; white-space: nowrap; }
th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
td { min-width: 6.5rem; vertical-align: top; }
td:first-child { min-width: 8.5rem; }
td.number { min-width: 0; }
.number { text-align: right; }
.number, code { white-space: nowrap; }
dl { margin: 0; }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .2rem 0; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.bar {
  display: inline-block; width: 6rem; height: .5rem; border-radius: .25rem; overflow: hidden;
  background: var(--track); vertical-align: middle;
}
.bar span { display: block; height: 100%; background: var(--accent); }
footer { margin-top: 1.25rem; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
)css";

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_STATUS_PAGE_STYLE_H_
