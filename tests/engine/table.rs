//! Tables of documents that are measured.

use std::path::Path;

/// The table between its two marks in the document; with `VITRINE_BLESS=1` it is written there.
pub(crate) fn compare(path: &Path, mark: &str, table: &str) {
    // Tests run side by side, and each writes its own part of the document.
    static DOCUMENT: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = DOCUMENT.lock().unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
    let document = std::fs::read_to_string(path).unwrap();
    let (head, rest) = document.split_once(&begin).unwrap();
    let (old, tail) = rest.split_once(&end).unwrap();
    if std::env::var_os("VITRINE_BLESS").is_some() {
        std::fs::write(path, format!("{head}{begin}{table}{end}{tail}")).unwrap();
    } else {
        assert_eq!(old, table, "{} is out of date; run make answers", path.display());
    }
}
