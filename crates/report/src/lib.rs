//! Results as a page: charts, tables and redlines in one self-contained HTML file.
