//! The invariants of the crate's shape, read off its text: what each part must not know about.
//!
//! Only code is looked at; comments and test modules may speak of anything. The page's invariants are in `tests/node/page.test.mjs`.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file: its path below `src/`, and its text without comments and tests.
struct Source {
    path: String,
    code: String,
}

#[test]
fn tract_and_protobuf_are_known_under_onnx_only() {
    let foreign = |word: &str| word.starts_with("tract_") || word.starts_with("prost");
    assert_absent(&outside("onnx"), foreign, "belongs under src/onnx");
}

#[test]
fn the_browser_is_known_under_web_only() {
    let foreign = |word: &str| {
        word.starts_with("wasm_bindgen")
            || word.starts_with("serde_wasm_bindgen")
            || matches!(word, "js_sys" | "web_sys" | "JsValue" | "JsError" | "JsCast")
    };
    assert_absent(&outside("web"), foreign, "belongs under src/web");
}

#[test]
fn python_is_known_under_python_only() {
    let foreign = |word: &str| word.starts_with("pyo3");
    assert_absent(&sources(), foreign, "belongs under python/");
}

/// The folders of `src/`. Each imports only from those before it.
const FOLDERS: [&str; 6] = ["engine", "onnx", "stay", "picture", "study", "web"];

/// What a module may import of the crate: the folders before its own; the error and long work, which lie beneath all; and
/// `Model`, which stands above `onnx` and `stay`, and is all that sees `onnx`.
fn may_import(from: &str, to: &str) -> bool {
    let place = |name: &str| FOLDERS.iter().position(|folder| *folder == name);
    match (from, to) {
        (_, "error") => true,
        ("error", _) => false,
        (_, "job") => true,
        ("job", _) => false,
        ("model", "onnx") => true,
        (_, "onnx") => from == to,
        ("model", _) => to == "engine" || to == "stay",
        (_, "model") => place(from) > place("stay"),
        _ => place(to).is_some() && place(to) <= place(from),
    }
}

#[test]
fn a_folder_imports_only_from_folders_before_it() {
    let mut wrong = vec![];
    for Source { path, code } in sources().iter().filter(|source| source.path != "lib.rs") {
        let own = module(path);
        let from = own[0];
        let is_known = FOLDERS.contains(&from) || ["error", "job", "model"].contains(&from);
        assert!(is_known, "src/{path} is in no folder that this test knows");
        let imports = imports(code, own.len()).into_iter().filter(|to| !may_import(from, to));
        wrong.extend(imports.map(|to| format!("src/{path} imports from {to}")));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_order_of_folders_is_what_is_tested() {
    for (from, to) in [("web", "study"), ("study", "model"), ("model", "onnx"), ("stay", "engine"), ("engine", "error")]
    {
        assert!(may_import(from, to), "{from} -> {to}");
    }
    for (from, to) in [
        ("engine", "stay"),
        ("onnx", "stay"),
        ("picture", "study"),
        ("stay", "model"),
        ("web", "onnx"),
        ("error", "job"),
    ] {
        assert!(!may_import(from, to), "{from} -> {to}");
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code =
        "use crate::stay::{Cell, Origin};\nuse crate::{Error, picture::{grid, layout}};\nlet x = crate::job::run();";
    assert_eq!(imports(code, 2), ["error", "job", "picture", "stay"]);
    assert_eq!(imports("use super::super::model::Model;\nuse super::limits;", 2), ["model"]);
    assert_eq!(imports("use crate::Model;", 1), ["model"]);
}

/// The path of the module in a file, from the crate's root.
fn module(path: &str) -> Vec<&str> {
    path.trim_end_matches(".rs").trim_end_matches("/mod").split('/').collect()
}

/// The folders and root files that code imports from, each once, sorted. A module `depth` below the crate's root gets there
/// by as many `super`s.
fn imports(code: &str, depth: usize) -> Vec<String> {
    let mut found = vec![];
    for root in ["crate::".to_owned(), "super::".repeat(depth)] {
        for (at, _) in code.match_indices(&root) {
            let names = first_names(&code[at + root.len()..]);
            found.extend(names.into_iter().filter(|name| name != "super"));
        }
    }
    // What the crate's root re-exports is of the file that defines it.
    for name in &mut found {
        match name.as_str() {
            "Error" | "Kind" | "Place" | "Result" => *name = "error".into(),
            "Model" => *name = "model".into(),
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The first name of a path, or of each path in braces.
fn first_names(path: &str) -> Vec<String> {
    let Some(list) = path.strip_prefix('{') else { return words(path).take(1).map(str::to_owned).collect() };
    let (mut depth, mut names, mut start) = (1, vec![], 0);
    for (at, c) in list.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 || depth == 1 && c == ',' {
            names.extend(words(&list[start..at]).take(1).map(str::to_owned));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// A unit of a channel is a `Unit`; a hidden unit is the network's own.
#[test]
fn the_engine_knows_no_channel_unit_colour_or_file() {
    let foreign = |word: &str| {
        parts(word).any(|part| matches!(part.as_str(), "channel" | "channels" | "color" | "colour" | "pixel"))
            || matches!(word, "Unit" | "fs" | "File" | "PathBuf")
    };
    assert_absent(&below(&["engine"]), foreign, "is none of the engine's business");
}

/// What disarms formulas stands there.
#[test]
fn tables_are_written_in_one_place() {
    let foreign = |word: &str| matches!(word, "WriterBuilder" | "from_writer" | "write_record" | "write_field");
    assert_absent(&outside("study/table"), foreign, "is the one writer's of tables");
}

#[test]
fn a_grid_has_no_colour() {
    let foreign = |word: &str| {
        parts(word).any(|part| matches!(part.as_str(), "color" | "colour" | "colormap" | "rgb" | "rgba" | "pixmap"))
    };
    assert_absent(&below(&["picture/grid"]), foreign, "is the painter's business");
}

#[test]
fn a_colormap_sees_one_number() {
    let foreign = |word: &str| matches!(word, "crate" | "super" | "Relevance" | "Stay" | "Grid" | "Model");
    assert_absent(&below(&["picture/colormap"]), foreign, "is more than one number");
}

#[test]
fn comments_and_strings_are_told_apart() {
    let cases = [
        ("a // b\nc", "a \nc"),
        ("a /* b /* c */ d */ e", "a  e"),
        (r#"f("// not a comment") // one"#, r#"f("// not a comment") "#),
        (r#"f("\"//") // one"#, r#"f("\"//") "#),
        ("'\"' // one", "'\"' "),
    ];
    for (text, code) in cases {
        assert_eq!(without_comments(text), code, "of {text}");
    }
}

#[test]
fn words_fall_into_parts() {
    assert_eq!(parts("n_channels").collect::<Vec<_>>(), ["n", "channels"]);
    assert_eq!(parts("ChannelStay").collect::<Vec<_>>(), ["channel", "stay"]);
}

/// Fails with every place where a forbidden word stands in code.
fn assert_absent(sources: &[Source], is_forbidden: impl Fn(&str) -> bool, reason: &str) {
    let mut found = Vec::new();
    for Source { path, code } in sources {
        for (number, line) in code.lines().enumerate() {
            for word in words(line).filter(|word| is_forbidden(word)) {
                found.push(format!("src/{path}:{}: `{word}` {reason}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Every source file that is not in the folder `name` or the file `name.rs`.
fn outside(name: &str) -> Vec<Source> {
    let (inside, outside): (Vec<_>, Vec<_>) = sources().into_iter().partition(|source| is_below(&source.path, name));
    assert!(!inside.is_empty(), "src/{name} has no source file; this test no longer tests anything");
    outside
}

/// Every source file in one of the folders, or the file of that name; each name has to be there.
fn below(names: &[&str]) -> Vec<Source> {
    let all = sources();
    for name in names {
        let is_there = all.iter().any(|source| is_below(&source.path, name));
        assert!(is_there, "src/{name} has no source file; this test no longer tests anything");
    }
    all.into_iter().filter(|source| names.iter().any(|name| is_below(&source.path, name))).collect()
}

fn is_below(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let code = without_comments(&fs::read_to_string(&file).unwrap());
        Source { path, code: without_tests(&code).to_owned() }
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Rust text without the test module at its end.
fn without_tests(code: &str) -> &str {
    code.find("#[cfg(test)]\nmod ").map_or(code, |end| &code[..end])
}

/// Rust text without its comments; line numbers stay. Strings stay as they are.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            code.extend(rest[..length].chars().filter(|&c| c == '\n'));
            length
        } else {
            let length = if first == '"' { string(rest) } else { literal(rest).unwrap_or(first.len_utf8()) };
            code.push_str(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    code
}

/// The length of the block comment at the start of `text`; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let (step, change) = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string literal at the start of `text`.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return at + 1,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// The length of a character literal that could be taken for the start of a string, or of a raw string.
fn literal(text: &str) -> Option<usize> {
    for quoted in ["'\"'", "'\\\"'", "b'\"'"] {
        if text.starts_with(quoted) {
            return Some(quoted.len());
        }
    }
    let hashes = text.strip_prefix('r')?.bytes().take_while(|&byte| byte == b'#').count();
    let body = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(1 + hashes + 1 + body.find(&end).map_or(body.len(), |at| at + end.len()))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The parts of an identifier in either case, in small letters.
fn parts(word: &str) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    for c in word.chars() {
        if c == '_' || c.is_uppercase() {
            parts.push(String::new());
        }
        if let (Some(part), true) = (parts.last_mut(), c != '_') {
            part.extend(c.to_lowercase());
        }
    }
    parts.into_iter().filter(|part| !part.is_empty())
}
